"""Where it is told how far long work has come."""

from typing import Protocol

from domain.ledger.imports import ImportProgress
from domain.shared.ids import ImportId, UserId


class ProgressBoard(Protocol):
    """Seen by all while the work's own transaction is open. What cannot be told is no trouble."""

    async def tell(
        self, import_id: ImportId, progress: ImportProgress, *, owner: UserId
    ) -> None: ...

    async def clear(self, import_id: ImportId, *, owner: UserId) -> None:
        """Take down what was told of an import, now that it has ended."""
