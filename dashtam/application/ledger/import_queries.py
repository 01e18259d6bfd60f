"""Read what was imported."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.use_case import UseCase
from domain.ledger.errors import ImportNotFound
from domain.ledger.events import ImportRowsViewed, ImportsViewed, ImportViewed
from domain.ledger.imports import ImportRowsPage, RowCursor, StatementImport
from domain.ledger.ports import ImportRepository, QuotaMeter
from domain.ledger.quotas import Quota, QuotaUsage
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import ImportId, UserId
from domain.shared.pages import IdCursor
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """Some imports, newest first; `next` is the cursor for the ones after them, if there are more.

    With them goes what of the user's `quota` is used.
    """

    items: Sequence[StatementImport]
    next: IdCursor | None
    usage: QuotaUsage
    quota: Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImports(UseCase):
    """List a page of a user's imports, newest first."""

    imports: ImportRepository
    quota_meter: QuotaMeter
    quota: Quota

    async def __call__(
        self, *, user_id: UserId, after: ImportId | None, limit: int
    ) -> Result[ImportsPage, Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.imports.page(owner=user_id, after=after, limit=limit + 1)
            if isinstance(found, Failure):
                return found
            usage = await self.quota_meter.usage(owner=user_id)
            if isinstance(usage, Failure):
                return usage
            items = found.value[:limit]
            await uow.commit(
                ImportsViewed(
                    subject_id=None,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(items),
                )
            )
        more = len(found.value) > limit
        last = IdCursor(items[-1].id) if more else None
        return Success(ImportsPage(items, last, usage.value, self.quota))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowImport(UseCase):
    """Show one import, and what became of each of its statements."""

    imports: ImportRepository

    @audit_refusals("import.view", ResourceType.IMPORT)
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[StatementImport, ImportNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.imports.get(import_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            await uow.commit(
                ImportViewed(
                    subject_id=import_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImportRows(UseCase):
    """List a page of an import's rows in the order of the file, each with its result."""

    imports: ImportRepository

    @audit_refusals("import_rows.view", ResourceType.IMPORT)
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId, after: RowCursor | None, limit: int
    ) -> Result[ImportRowsPage, ImportNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.imports.get(import_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            rows = await self.imports.rows(import_id, owner=user_id, after=after, limit=limit)
            if isinstance(rows, Failure):
                return rows
            await uow.commit(
                ImportRowsViewed(
                    subject_id=import_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(rows.value.items),
                )
            )
        return rows
