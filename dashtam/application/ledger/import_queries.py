"""Read imports and their rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, ClassVar, Self

from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import (
    IMPORT_DOWNLOADED,
    IMPORT_ROWS_VIEWED,
    IMPORT_VIEWED,
    IMPORTS_VIEWED,
)
from domain.ledger.errors import AccountNotFound, FileNotKept, ImportNotFound
from domain.ledger.import_filter import EVERY_IMPORT, ImportFilter
from domain.ledger.imported import ImportRowsPage, RowCursor
from domain.ledger.imports import StatementImport
from domain.ledger.ports import AccountRepository, FileArchive, ImportRepository, QuotaMeter
from domain.ledger.quotas import Quota, QuotaUsage
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, UserId
from domain.shared.pages import IdCursor
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """Some imports, newest first; `next` is the cursor for the ones after them, if any.

    `usage` is how much of the user's `quota` is used.
    """

    items: Sequence[StatementImport]
    next: IdCursor | None
    usage: QuotaUsage
    quota: Quota

    @classmethod
    def of(
        cls, found: Sequence[StatementImport], limit: int, usage: QuotaUsage, quota: Quota
    ) -> Self:
        """Return a page of what was found, which is one more than `limit` if more follow."""
        items = found[:limit]
        return cls(items, IdCursor(items[-1].id) if len(found) > limit else None, usage, quota)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImports(UseCase):
    """List a page of a user's imports, newest first."""

    accounts: AccountRepository
    imports: ImportRepository
    quota_meter: QuotaMeter
    quota: Quota

    @audited_query("imports.view", IMPORTS_VIEWED, count_items)
    async def __call__(
        self,
        *,
        user_id: UserId,
        after: ImportId | None,
        limit: int,
        where: ImportFilter = EVERY_IMPORT,
    ) -> Result[ImportsPage, AccountNotFound | Unavailable]:
        if where.account_id:
            account = await self.accounts.get(where.account_id, owner=user_id)
            if isinstance(account, Failure):
                return account
        found = await self.imports.page(owner=user_id, after=after, limit=limit + 1, where=where)
        if isinstance(found, Failure):
            return found
        usage = await self.quota_meter.usage(owner=user_id)
        if isinstance(usage, Failure):
            return usage
        return Success(ImportsPage.of(found.value, limit, usage.value, self.quota))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowImport(UseCase):
    """Show one import, and what became of each of its statements."""

    imports: ImportRepository

    @audited_query("import.view", IMPORT_VIEWED)
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[StatementImport, ImportNotFound | Unavailable]:
        return await self.imports.get(import_id, owner=user_id)


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The bytes of a file as they were uploaded, to save under the name that it had."""

    whole: bytes = field(repr=False)
    name: str = field(repr=False)

    #: What a file says is for other programs to interpret, never for a browser.
    media_type: ClassVar[str] = "application/octet-stream"

    @property
    def size(self) -> int:
        return len(self.whole)

    @property
    def content(self) -> IO[bytes]:
        return BytesIO(self.whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadImport(UseCase):
    """Return the file of an import to its owner, as it was uploaded."""

    imports: ImportRepository
    files: FileArchive

    @audited_query("import.download", IMPORT_DOWNLOADED)
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[ImportedFile, ImportNotFound | FileNotKept | Unavailable]:
        found = await self.imports.get(import_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        whole = await self.files.get(found.value.digest, owner=user_id)
        if isinstance(whole, Success):
            return Success(ImportedFile(whole.value, found.value.file_name or "statement"))
        if isinstance(whole.error, ImportNotFound):
            return Failure(FileNotKept("The file was deleted, because its import failed."))
        return Failure(whole.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImportRows(UseCase):
    """List a page of an import's rows in the order of the file, each with its result."""

    imports: ImportRepository

    @audited_query("import_rows.view", IMPORT_ROWS_VIEWED, count_items)
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId, after: RowCursor | None, limit: int
    ) -> Result[ImportRowsPage, ImportNotFound | Unavailable]:
        found = await self.imports.get(import_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        return await self.imports.rows(import_id, owner=user_id, after=after, limit=limit)
