"""Repeating imports in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.ledger.imports import StatementImport
from domain.ledger.verdicts import Removal, Verdict
from domain.shared.errors import Unavailable
from domain.shared.ids import HoldingId, ImportId, StatementId, new_id
from domain.shared.result import Result, Success
from tests.fakes import Store


class InMemoryRepetitions:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def repeat(
        self, twin: StatementImport, import_id: ImportId, statements: Sequence[StatementId]
    ) -> Result[Sequence[Mapping[Verdict, int]], Unavailable]:
        counts: list[Counter[Verdict]] = [Counter() for _ in statements]
        for seen in [each for each in self._store.sightings if each.import_id == twin.id]:
            removal = self._store.transactions[seen.transaction_id].removal
            verdict = Verdict.DELETED if removal is Removal.DELETED else Verdict.SAME
            counts[seen.place - 1][verdict] += 1
            again = replace(seen, import_id=import_id, verdict=verdict)
            self._store.sightings = [*self._store.sightings, again]
        self._state(twin, import_id, statements)
        return Success(counts)

    def _state(
        self, twin: StatementImport, import_id: ImportId, statements: Sequence[StatementId]
    ) -> None:
        before = [statement.id for statement in twin.statements]
        ids = dict(zip(before, statements, strict=True))
        for snapshot in [each for each in self._store.balances if each.import_id == twin.id]:
            again = replace(snapshot, import_id=import_id)
            self._store.balances = [*self._store.balances, again]
            self._store.recorded[again] = self._store.recorded[snapshot]
        for held in [each for each in self._store.holdings if each.import_id == twin.id]:
            again_id, statement_id = HoldingId(new_id()), ids[held.statement_id]
            more = replace(held, id=again_id, import_id=import_id, statement_id=statement_id)
            self._store.holdings = [*self._store.holdings, more]
