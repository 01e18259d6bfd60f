"""Ask for a letter."""

from dataclasses import dataclass
from typing import ClassVar

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.holders import holder_of
from dashtam.application.use_case import UseCase
from domain.identity.events import PasswordResetRequested, VerificationRequested
from domain.identity.ports import UserRepository
from domain.identity.values import Email
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, ResourceType
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLetter(UseCase):
    """Note that somebody asks for the letter of an address, whether or not it is known.

    Nothing is told and nothing depends on whose it is: who reacts sees to that, afterwards.
    """

    event: ClassVar[type[VerificationRequested] | type[PasswordResetRequested]]

    users: UserRepository

    @audit_refusals("letter.request", ResourceType.USER)
    @begun_anew
    async def __call__(self, *, email: str) -> Result[None, Unavailable]:
        address = Email.parse(email)
        async with self.unit_of_work() as uow:
            found = (
                await holder_of(self.users, address.value)
                if isinstance(address, Success)
                else Success(None)
            )
            if isinstance(found, Failure):
                return found
            asked = self.event(
                subject_id=found.value.id if found.value else None,
                actor=ANONYMOUS,
                occurred_at=self.clock.now(),
            )
            await uow.commit(asked)
        return Success(None)


class RequestVerification(RequestLetter):
    """Ask for another email that verifies an address."""

    event = VerificationRequested


class RequestPasswordReset(RequestLetter):
    """Ask for an email that lets its reader choose a new password."""

    event = PasswordResetRequested
