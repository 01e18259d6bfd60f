"""Previews that are made later. Everything is asked for with its owner."""

from typing import Protocol

from domain.ledger.errors import ImportIsRunning, PreviewNotFound
from domain.ledger.previews import QueuedPreview
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Result


class PreviewRepository(Protocol):
    """Previews that were asked for, each with its file until it is made."""

    async def add(self, preview: QueuedPreview, content: bytes) -> Result[int, Unavailable]:
        """Keep it with its file; return how many bytes that takes.

        Until the unit of work ends, nobody else keeps or drops a file of this person's.
        """

    async def get(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | Unavailable]: ...

    async def lock(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | ImportIsRunning | Unavailable]:
        """Let nobody else deal with this preview until the unit of work ends."""

    async def content(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[bytes, PreviewNotFound | Unavailable]:
        """Return the file of a preview that is still to be made."""

    async def settle(self, preview: QueuedPreview) -> Result[None, Unavailable]:
        """Keep what became of a preview that was waiting; its file goes."""

    async def delete(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[None, PreviewNotFound | Unavailable]: ...

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Put all that are under an older key under the one in use; return how many that were."""
