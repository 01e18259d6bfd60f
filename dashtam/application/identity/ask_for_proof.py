"""React to an address that is to be proved: write to it."""

from dataclasses import dataclass

from dashtam.application.identity.letter_writer import LetterWriter
from dashtam.application.identity.occasions import proof
from domain.identity.events import UserRegistered, VerificationRequested
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result, Success


@dataclass(frozen=True, slots=True)
class AskForProof:
    """Send a new user, or one who asks for it again, the letter with the token.

    The event carries neither address nor token: the one is looked up, the other made here.
    """

    writer: LetterWriter

    async def __call__(
        self, event: UserRegistered | VerificationRequested
    ) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        return await self.writer.write(UserId(event.subject_id), proof)
