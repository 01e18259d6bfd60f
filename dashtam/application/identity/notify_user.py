"""React to what changes who gets into an account: tell its user."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.connections.events import ProviderConnected
from domain.connections.values import STATEMENT_FILES
from domain.identity.errors import UserNotFound
from domain.identity.events import (
    AccountKept,
    ApiTokenIssued,
    EmailChangeRequested,
    RecoveryCodeUsed,
    SecondFactorConfirmed,
    SecondFactorRemoved,
    UserPasswordChanged,
)
from domain.identity.letters import Letter, LetterKind
from domain.identity.ports import Mailer, UserRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ActorKind, DomainEvent
from domain.shared.ids import UserId
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success

NOTICES: Mapping[type[DomainEvent], LetterKind] = {
    UserPasswordChanged: LetterKind.PASSWORD_CHANGED,
    EmailChangeRequested: LetterKind.EMAIL_CHANGE_REQUESTED,
    SecondFactorConfirmed: LetterKind.SECOND_FACTOR_CONFIRMED,
    SecondFactorRemoved: LetterKind.SECOND_FACTOR_REMOVED,
    RecoveryCodeUsed: LetterKind.RECOVERY_CODE_USED,
    ApiTokenIssued: LetterKind.API_TOKEN_ISSUED,
    ProviderConnected: LetterKind.PROVIDER_CONNECTED,
    AccountKept: LetterKind.ACCOUNT_KEPT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyUser:
    """Write to the user who acted, or in whose name somebody did.

    A statement file connects an institution too: its user has just sent it, and gets no letter.
    """

    users: UserRepository
    mailer: Mailer
    unit_of_work: UnitOfWorkFactory

    async def __call__(self, event: DomainEvent) -> Result[None, Unavailable]:
        if event.actor.kind is not ActorKind.USER or event.actor.id is None:
            return Success(None)
        if isinstance(event, ProviderConnected) and event.provider == STATEMENT_FILES:
            return Success(None)
        owner = UserId(event.actor.id)
        async with self.unit_of_work(owner=owner):
            found = await self.users.get(owner)
        if isinstance(found, Success):
            return await self.mailer.send_letter(found.value.email, Letter(NOTICES[type(event)]))
        return Success(None) if isinstance(found.error, UserNotFound) else Failure(found.error)
