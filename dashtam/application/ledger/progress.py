"""How far an import has come, for whoever wants to know."""

from typing import Protocol

from domain.ledger.imports import ImportProgress
from domain.ledger.ports import ProgressBoard
from domain.shared.ids import ImportId, UserId


class Progress(Protocol):
    """Is told how many rows there are, and then of each batch of them that is entered."""

    async def begin(self, rows: int) -> None: ...

    async def advance(self, rows: int) -> None: ...


class NoProgress:
    """Nobody wants to know."""

    async def begin(self, rows: int) -> None:
        return None

    async def advance(self, rows: int) -> None:
        return None


class ShownProgress:
    """One import's place on the board."""

    def __init__(self, board: ProgressBoard, import_id: ImportId, owner: UserId) -> None:
        self._board = board
        self._import_id = import_id
        self._owner = owner
        self._told = ImportProgress(0, 0)

    async def begin(self, rows: int) -> None:
        await self._tell(ImportProgress(rows, 0))

    async def advance(self, rows: int) -> None:
        await self._tell(ImportProgress(self._told.rows, self._told.entered + rows))

    async def end(self) -> None:
        await self._board.clear(self._import_id, owner=self._owner)

    async def _tell(self, progress: ImportProgress) -> None:
        self._told = progress
        await self._board.tell(self._import_id, progress, owner=self._owner)


NO_PROGRESS = NoProgress()
