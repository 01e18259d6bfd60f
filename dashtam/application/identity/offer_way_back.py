"""React to an account that is closed: write to its user."""

from dataclasses import dataclass

from dashtam.application.identity.letter_writer import LetterWriter
from dashtam.application.identity.occasions import way_back
from domain.identity.events import AccountDeleted
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result, Success


@dataclass(frozen=True, slots=True)
class OfferWayBack:
    """Send the letter with the token that opens it again; to nobody whose account is open."""

    writer: LetterWriter

    async def __call__(self, event: AccountDeleted) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        return await self.writer.write(UserId(event.subject_id), way_back)
