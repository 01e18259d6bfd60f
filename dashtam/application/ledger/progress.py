"""How far an import has come."""

from typing import Protocol

from domain.ledger.imports import ImportProgress
from domain.ledger.ports import ImportProgressStore
from domain.shared.ids import ImportId, UserId


class Progress(Protocol):
    """Receives how many rows a file has, and then the size of each batch that is entered."""

    async def begin(self, rows: int) -> None: ...

    async def advance(self, rows: int) -> None: ...


class NoProgress:
    """Ignores progress."""

    async def begin(self, rows: int) -> None:
        return None

    async def advance(self, rows: int) -> None:
        return None


class StoredProgress:
    """Stores the progress of one import, so that requests can read it meanwhile."""

    def __init__(self, store: ImportProgressStore, import_id: ImportId, owner: UserId) -> None:
        self._store = store
        self._import_id = import_id
        self._owner = owner
        self._progress = ImportProgress(0, 0)

    async def begin(self, rows: int) -> None:
        await self._set(ImportProgress(rows, 0))

    async def advance(self, rows: int) -> None:
        await self._set(ImportProgress(self._progress.rows, self._progress.entered + rows))

    async def end(self) -> None:
        await self._store.clear(self._import_id, owner=self._owner)

    async def _set(self, progress: ImportProgress) -> None:
        self._progress = progress
        await self._store.set(self._import_id, progress, owner=self._owner)


NO_PROGRESS = NoProgress()
