"""React to a registration with an address that is taken: tell whose it is."""

from dataclasses import dataclass

from dashtam.application.identity.letter_writer import LetterWriter
from dashtam.application.identity.occasions import warning
from domain.identity.events import RegistrationRepeated
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result, Success


@dataclass(frozen=True, slots=True)
class WarnOwner:
    """Write to the owner of the address that somebody tried to register with it.

    Who never proved it chooses a password: the one that was given first may be a stranger's.

    An account that is closed hears nothing: there is nothing left to guard or to get into.
    """

    writer: LetterWriter

    async def __call__(self, event: RegistrationRepeated) -> Result[None, Unavailable]:
        if event.subject_id is None:
            return Success(None)
        return await self.writer.write(UserId(event.subject_id), warning)
