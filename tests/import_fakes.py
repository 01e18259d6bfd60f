"""Files and imports of them in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from domain.ledger.errors import (
    ImportIsRunning,
    ImportIsUndone,
    ImportNotFound,
)
from domain.ledger.hints import ReadingHints
from domain.ledger.import_rows import ImportRow, ImportRowsPage, RowCursor
from domain.ledger.imports import ImportStatus, StatementImport
from domain.ledger.quotas import QuotaUsage
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store, one, owned


class InMemoryFileArchive:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(
        self, content: bytes, *, digest: bytes, owner: UserId
    ) -> Result[int, Unavailable]:
        if (owner, digest) in self._store.files:
            return Success(0)
        self._store.files[owner, digest] = content
        return Success(len(content))

    async def drop(self, digest: bytes, *, owner: UserId) -> Result[bool, Unavailable]:
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

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        return Success(0)


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
        return one(found and self._shown(found), ImportNotFound("No such import."))

    async def twin(
        self,
        digest: bytes,
        *,
        owner: UserId,
        hints: ReadingHints,
        account_id: AccountId | None,
        edition: str,
    ) -> Result[StatementImport | None, Unavailable]:
        said = (owner, digest, ImportStatus.DONE, replace(hints, csv_profiles=()), account_id)
        standing = [
            each
            for each in self._store.imports.values()
            if (each.user_id, each.digest, each.status, each.hints, each.account_id) == said
            and each.edition == edition
        ]
        return Success(max(standing, key=lambda each: each.id, default=None))

    async def page(
        self, *, owner: UserId, after: ImportId | None, limit: int
    ) -> Result[Sequence[StatementImport], Unavailable]:
        mine = [each for each in self._store.imports.values() if each.user_id == owner]
        mine.sort(key=lambda each: each.id, reverse=True)
        found = [each for each in mine if not after or each.id < after][:limit]
        return Success([self._shown(each) for each in found])

    async def rows(
        self, import_id: ImportId, *, owner: UserId, after: RowCursor | None, limit: int
    ) -> Result[ImportRowsPage, Unavailable]:
        rows = [
            (RowCursor(seen.line, UUID(int=number)), seen)
            for number, seen in enumerate(self._store.sightings)
            if (seen.import_id, seen.user_id) == (import_id, owner)
        ]
        rows.sort(key=lambda row: (row[0].line, row[0].id))
        if after:
            rows = [row for row in rows if (row[0].line, row[0].id) > (after.line, after.id)]
        items = [ImportRow(row.line, row.verdict, row.transaction_id) for _, row in rows[:limit]]
        return Success(ImportRowsPage(items, rows[limit - 1][0] if len(rows) > limit else None))

    async def lock(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | ImportIsRunning | Unavailable]:
        return await self.get(import_id, owner=owner)

    async def unhurried(self, *, steps: bool = False) -> Result[None, Unavailable]:
        return Success(None)

    async def settle(self, statement_import: StatementImport) -> Result[None, Unavailable]:
        return await self.add(statement_import)

    async def mark_undone(
        self, statement_import: StatementImport, *, at: datetime
    ) -> Result[None, ImportIsUndone | Unavailable]:
        if self._store.imports[statement_import.id].undone_at:
            return Failure(ImportIsUndone("The import has already been undone."))
        self._store.imports[statement_import.id] = statement_import.take_back(at=at)
        return Success(None)

    async def add(self, statement_import: StatementImport) -> Result[None, Unavailable]:
        self._store.imports[statement_import.id] = statement_import
        ids = [statement.id for statement in statement_import.statements]
        self._store.recorded |= dict.fromkeys(ids, datetime.now(UTC))
        return Success(None)

    def _shown(self, found: StatementImport) -> StatementImport:
        progress = self._store.progress.get(found.id)
        if not (found.is_waiting and progress):
            return found
        return replace(found, status=ImportStatus.RUNNING, progress=progress)
