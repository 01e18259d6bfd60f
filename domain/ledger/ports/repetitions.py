"""What is stated once more by the very same bytes."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.ledger.imports import StatementImport
from domain.ledger.verdicts import Verdict
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, StatementId
from domain.shared.result import Result


class Repetitions(Protocol):
    """Imports that state again what another one states."""

    async def repeat(
        self, twin: StatementImport, import_id: ImportId, statements: Sequence[StatementId]
    ) -> Result[Sequence[Mapping[Verdict, int]], Unavailable]:
        """Let an import state all rows, balances and holdings of its twin, which stands.

        `statements` are the ids of its statements, in the order of the file. Returns for each of
        them how many rows are the same, and how many their owner has deleted.
        """
