"""React to a password that is forgotten: send what another is chosen with."""

from dataclasses import dataclass

from dashtam.application.identity.letter_writer import LetterWriter
from dashtam.application.identity.occasions import reset
from domain.identity.events import PasswordResetRequested
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result, Success


@dataclass(frozen=True, slots=True)
class OfferReset:
    """Send the user the letter with the token. Without a user, and for a closed account, none."""

    writer: LetterWriter

    async def __call__(self, event: PasswordResetRequested) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        return await self.writer.write(UserId(event.subject_id), reset)
