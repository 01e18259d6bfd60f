"""React to a fact by a letter with a token."""

from dataclasses import dataclass

from dashtam.application.identity import occasions
from dashtam.application.identity.letter_writer import LetterWriter, Occasion
from domain.identity.entities import User
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.ids import UserId
from domain.shared.result import Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteLetter:
    """Write to the user whom a fact is about, where there is an occasion; without one to nobody.

    The event carries neither address nor token: the one is looked up, the other made here.
    """

    writer: LetterWriter

    def occasion(self, user: User) -> Occasion | None:
        """Return which letter the user gets, if any."""
        raise NotImplementedError

    async def __call__(self, event: DomainEvent) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        return await self.writer.write(UserId(event.subject_id), self.occasion)


class SendVerificationEmail(WriteLetter):
    """Ask a new user to verify their email address."""

    def occasion(self, user: User) -> Occasion | None:
        return occasions.proof(user)


class SendPasswordResetEmail(WriteLetter):
    """Let a user choose a new password."""

    def occasion(self, user: User) -> Occasion | None:
        return occasions.reset(user)


class SendRecoveryEmail(WriteLetter):
    """Let a user restore the account that they closed."""

    def occasion(self, user: User) -> Occasion | None:
        return occasions.way_back(user)
