"""Previews that are made later, in memory."""

from dataclasses import replace

from domain.ledger.errors import ImportIsRunning, PreviewNotFound
from domain.ledger.imports import ImportStatus
from domain.ledger.previews import QueuedPreview
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store, one, owned

MISSING = PreviewNotFound("No such preview. Previews are deleted after a day.")


class InMemoryPreviewRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, preview: QueuedPreview, content: bytes) -> Result[int, Unavailable]:
        self._store.previews[preview.id] = preview
        self._store.previewed[preview.id] = content
        return Success(len(content))

    async def get(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | Unavailable]:
        found = owned(self._store.previews.get(preview_id), owner)
        return one(found and self._visible(found), MISSING)

    async def lock(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | ImportIsRunning | Unavailable]:
        return await self.get(preview_id, owner=owner)

    async def content(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[bytes, PreviewNotFound | Unavailable]:
        found = owned(self._store.previews.get(preview_id), owner)
        return one(self._store.previewed.get(preview_id) if found else None, MISSING)

    async def complete(self, preview: QueuedPreview) -> Result[None, Unavailable]:
        self._store.previews[preview.id] = preview
        self._store.previewed.pop(preview.id)
        return Success(None)

    async def delete(
        self, preview_id: ImportId, *, owner: UserId
    ) -> Result[None, PreviewNotFound | Unavailable]:
        if owned(self._store.previews.get(preview_id), owner) is None:
            return Failure(MISSING)
        self._store.previewed.pop(preview_id, None)
        del self._store.previews[preview_id]
        return Success(None)

    def _visible(self, found: QueuedPreview) -> QueuedPreview:
        progress = self._store.progress.get(found.id)
        if not (found.is_waiting and progress):
            return found
        return replace(found, status=ImportStatus.RUNNING, progress=progress)
