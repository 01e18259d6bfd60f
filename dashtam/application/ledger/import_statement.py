"""Import a statement file."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.bring_statement import (
    BringStatement,
    ImportStatementError,
)
from dashtam.application.ledger.given_file import GivenFile
from dashtam.application.ledger.keep_file import KeepFile
from dashtam.application.ledger.progress import NO_PROGRESS, Progress
from dashtam.application.use_case import UseCase
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import StatementImport
from domain.ledger.ports import ImportRepository
from domain.ledger.previews import Preview
from domain.shared.events import ResourceType
from domain.shared.ids import AccountId, ImportId, ProfileId, UserId, new_id
from domain.shared.pages import MAX_PAGE_SIZE
from domain.shared.result import Failure, Result, Success

__all__ = ["ImportStatement", "ImportStatementError", "Preview"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatement(UseCase):
    """Bring a file's rows into a user's ledger: each exactly once, all of them or none."""

    bring_statement: BringStatement
    imports: ImportRepository
    keep_file: KeepFile

    @audit_failures("statement.import", ResourceType.IMPORT)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        user_id: UserId,
        file_name: str,
        content: bytes,
        hints: ReadingHints = NO_HINTS,
        account_id: AccountId | None = None,
        csv_profile_id: ProfileId | None = None,
        progress: Progress = NO_PROGRESS,
    ) -> Result[StatementImport, ImportStatementError]:
        given = GivenFile(
            user_id=user_id,
            file_name=file_name,
            content=content,
            hints=hints,
            account_id=account_id,
            csv_profile_id=csv_profile_id,
        )
        read = await self.bring_statement.prepare(given)
        if isinstance(read, Failure):
            return read
        async with self.unit_of_work(owner=user_id) as uow:
            brought = await self.bring_statement(read.value, ImportId(new_id()), progress)
            if isinstance(brought, Failure):
                return brought
            done, events = brought.value
            kept = await self.keep_file(done, content)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(done.imported(), *events)
        return Success(done)

    @audit_failures("statement.preview", ResourceType.IMPORT)
    @retry_on_conflict
    async def preview(
        self,
        *,
        user_id: UserId,
        file_name: str,
        content: bytes,
        hints: ReadingHints = NO_HINTS,
        account_id: AccountId | None = None,
        csv_profile_id: ProfileId | None = None,
    ) -> Result[Preview, ImportStatementError]:
        """Tell what an import would do, and keep nothing but that it was asked."""
        given = GivenFile(
            user_id=user_id,
            file_name=file_name,
            content=content,
            hints=hints,
            account_id=account_id,
            csv_profile_id=csv_profile_id,
        )
        foreseen = await self.foresee(given)
        if isinstance(foreseen, Failure):
            return foreseen
        async with self.unit_of_work(owner=user_id) as uow:
            await uow.commit(foreseen.value.outcome.previewed(at=self.clock.now()))
        return foreseen

    async def foresee(
        self, given: GivenFile, progress: Progress = NO_PROGRESS
    ) -> Result[Preview, ImportStatementError]:
        """Tell what an import would do: it is done, looked at, and never committed."""
        read = await self.bring_statement.prepare(given)
        if isinstance(read, Failure):
            return read
        owner = given.user_id
        async with self.unit_of_work(owner=owner):
            brought = await self.bring_statement(read.value, ImportId(new_id()), progress)
            if isinstance(brought, Failure):
                return brought
            done, _ = brought.value
            rows = await self.imports.rows(done.id, owner=owner, after=None, limit=MAX_PAGE_SIZE)
        return rows if isinstance(rows, Failure) else Success(Preview(done, rows.value))
