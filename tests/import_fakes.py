"""Imported files, their rows and copies of them, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from domain.ledger.entities import Transaction
from domain.ledger.errors import ImportIsRunning, ImportIsUndone, ImportNotFound
from domain.ledger.import_filter import EVERY_IMPORT, ImportFilter
from domain.ledger.imported import (
    ImportedRow,
    ImportRow,
    ImportRowsPage,
    MetTransaction,
    RowCursor,
)
from domain.ledger.imports import ImportStatus, StatementImport
from domain.ledger.quotas import QuotaUsage
from domain.ledger.values import BY_HAND, MatchResult
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success
from tests.factories import stated_of
from tests.fakes import Store, one, owned


class InMemoryFileArchive:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def store(
        self, content: bytes, *, digest: bytes, owner: UserId
    ) -> Result[int, Unavailable]:
        if (owner, digest) in self._store.files:
            return Success(0)
        self._store.files[owner, digest] = content
        return Success(len(content))

    async def delete(self, digest: bytes, *, owner: UserId) -> Result[bool, Unavailable]:
        its = [
            each
            for each in self._store.imports.values()
            if (each.user_id, each.digest) == (owner, digest)
        ]
        if not all(each.error for each in its):
            return Success(False)
        return Success(self._store.files.pop((owner, digest), None) is not None)

    async def get(
        self, digest: bytes, *, owner: UserId
    ) -> Result[bytes, ImportNotFound | Unavailable]:
        return one(
            self._store.files.get((owner, digest)), ImportNotFound("The file is no longer stored.")
        )


class InMemoryQuotaMeter:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def usage(self, *, owner: UserId) -> Result[QuotaUsage, Unavailable]:
        stored = sum(
            len(content) for (user_id, _), content in self._store.files.items() if user_id == owner
        )
        previews = [each for each in self._store.previews.values() if each.user_id == owner]
        stored += sum(len(self._store.previewed.get(each.id, b"")) for each in previews)
        imports = [each for each in self._store.imports.values() if each.user_id == owner]
        waiting = sum(each.is_waiting for each in previews)
        waiting += sum(each.is_waiting for each in imports)
        return Success(QuotaUsage(stored, waiting))


class InMemoryImportRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | Unavailable]:
        found = owned(self._store.imports.get(import_id), owner)
        return one(found and self._visible(found), ImportNotFound("No such import."))

    async def active_of_file(
        self, digest: bytes, *, owner: UserId, limit: int
    ) -> Result[Sequence[StatementImport], Unavailable]:
        mine = [
            self._visible(each)
            for each in self._store.imports.values()
            if (each.user_id, each.digest) == (owner, digest)
        ]
        active = [each for each in mine if each.is_waiting or each.status is ImportStatus.DONE]
        return Success(sorted(active, key=lambda each: each.id, reverse=True)[:limit])

    async def lock_asked(
        self, digest: bytes, *, owner: UserId
    ) -> Result[StatementImport | None, Unavailable]:
        key = (owner, digest, ImportStatus.ASKED)
        asked = (
            each
            for each in self._store.imports.values()
            if (each.user_id, each.digest, each.status) == key
        )
        return Success(max(asked, key=lambda each: each.id, default=None))

    async def page(
        self,
        *,
        owner: UserId,
        after: ImportId | None,
        limit: int,
        where: ImportFilter = EVERY_IMPORT,
    ) -> Result[Sequence[StatementImport], Unavailable]:
        mine = [each for each in self._store.imports.values() if each.user_id == owner]
        mine.sort(key=lambda each: each.id, reverse=True)
        visible = [self._visible(each) for each in mine if not after or each.id < after]
        return Success([each for each in visible if _is_in(each, where)][:limit])

    async def rows(
        self, import_id: ImportId, *, owner: UserId, after: RowCursor | None, limit: int
    ) -> Result[ImportRowsPage, Unavailable]:
        rows = [
            (RowCursor(seen.line, UUID(int=0), number), seen)
            for number, seen in enumerate(self._store.imported_rows)
            if (seen.import_id, seen.user_id) == (import_id, owner)
        ]
        rows.sort(key=lambda row: (row[0].line, row[0].number))
        if after:
            rows = [
                row for row in rows if (row[0].line, row[0].number) > (after.line, after.number)
            ]
        items = [self._shown(row) for _, row in rows[:limit]]
        return Success(ImportRowsPage(items, rows[limit - 1][0] if len(rows) > limit else None))

    def _shown(self, row: ImportedRow) -> ImportRow:
        now = self._store.transactions[row.transaction_id]
        prior = self._store.prior_states.get((row.account_id, row.key))
        stated = prior if prior and prior.id == now.id and now.key != row.key else now
        met = self._met(row, now)
        return ImportRow(
            line=row.line,
            result=row.result,
            transaction_id=now.id,
            stated=stated_of(stated),
            met=MetTransaction(met.id, stated_of(met)) if met else None,
        )

    def _met(self, row: ImportedRow, now: Transaction) -> Transaction | None:
        rows = self._store.transactions
        if row.result is MatchResult.NEW:
            pairs = [each.suggestion for each in self._store.matches.values()]
            other = [e.existing_id for e in pairs if e.added_id == now.id]
            return rows[other[0]] if other else None
        if row.result is MatchResult.CONFLICT:
            alike = [e for e in rows.values() if e.provider_id == now.provider_id]
            return next((e for e in alike if e.id != now.id and e.removal is None), None)
        states = [e for e in self._store.prior_states.values() if e.id == now.id]
        before = [each for each in states if each.key != row.key]
        return before[-1] if before and row.result is MatchResult.UPDATES else now

    async def lock(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | ImportIsRunning | Unavailable]:
        return await self.get(import_id, owner=owner)

    async def allow_long_transaction(self, *, steps: bool = False) -> Result[None, Unavailable]:
        return Success(None)

    async def complete(self, statement_import: StatementImport) -> Result[None, Unavailable]:
        return await self.add(statement_import)

    async def mark_undone(
        self, statement_import: StatementImport, *, at: datetime
    ) -> Result[None, ImportIsUndone | Unavailable]:
        if self._store.imports[statement_import.id].undone_at:
            return Failure(ImportIsUndone("The import has already been undone."))
        self._store.imports[statement_import.id] = statement_import.undo(at=at)
        return Success(None)

    async def add(self, statement_import: StatementImport) -> Result[None, Unavailable]:
        self._store.imports[statement_import.id] = statement_import
        ids = [statement.id for statement in statement_import.statements]
        self._store.recorded |= dict.fromkeys(ids, datetime.now(UTC))
        return Success(None)

    def _visible(self, found: StatementImport) -> StatementImport:
        progress = self._store.progress.get(found.id)
        if not (found.is_waiting and progress):
            return found
        return replace(found, status=ImportStatus.RUNNING, progress=progress)


def _is_in(done: StatementImport, where: ImportFilter) -> bool:
    day = done.imported_at.date()
    return (
        (not where.account_id or where.account_id in {each.account_id for each in done.statements})
        and (where.by_hand or done.format != BY_HAND)
        and where.format in (None, done.format)
        and where.status in (None, done.status)
        and (where.first_day is None or day >= where.first_day)
        and (where.last_day is None or day <= where.last_day)
    )
