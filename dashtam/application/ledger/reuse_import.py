"""Reuse an earlier import of the same bytes instead of reading the file again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashtam.application.ledger.progress import Progress
from domain.ledger.imports import ImportRequest, StatementImport, StatementOutcome
from domain.ledger.ports import AccountRepository, ImportCopies, ImportRepository
from domain.ledger.values import MatchResult
from domain.shared.errors import ConcurrencyConflict, Unavailable
from domain.shared.ids import ImportId, StatementId, new_id
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateFile:
    """A request, and an active import of the same bytes, read with the same hints."""

    request: ImportRequest
    original: StatementImport


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseImport:
    """Copies what an earlier import of the same bytes posted, except what was deleted since.

    `reader_version` identifies the readers of a release: a file that another release read is read
    again, because it may be read better.
    """

    imports: ImportRepository
    import_copies: ImportCopies
    accounts: AccountRepository
    clock: Clock
    unit_of_work: UnitOfWorkFactory
    reader_version: str

    async def find(
        self, request: ImportRequest, *, has_questions: bool = False
    ) -> Result[DuplicateFile | None, Unavailable]:
        """Return the file and the import that it duplicates, if there is one.

        Only one that this release `can_copy` replaces reading the file.

        One that `has_questions`, of which nothing is said, is the same as one that was answered.
        """
        if request.csv_profile_id or (has_questions and not request.says_nothing):
            return Success(None)
        async with self.unit_of_work(owner=request.user_id):
            found = await self.imports.find_duplicate(
                request.digest,
                owner=request.user_id,
                hints=None if has_questions else request.hints,
                account_id=request.account_id,
            )
        if isinstance(found, Failure):
            return found
        return Success(
            DuplicateFile(request=request, original=found.value) if found.value else None
        )

    def can_copy(self, duplicate: DuplicateFile) -> bool:
        """Return whether the readers of this release read the original."""
        return duplicate.original.reader_version == self.reader_version

    async def __call__(
        self, duplicate: DuplicateFile, import_id: ImportId, progress: Progress
    ) -> Result[StatementImport, Unavailable]:
        """Post all rows again, in the caller's unit of work."""
        request, original = duplicate.request, duplicate.original
        locked = await self._lock(original)
        if isinstance(locked, Failure):
            return locked
        await progress.begin(_rows(original))
        ids = [StatementId(new_id()) for _ in original.statements]
        counts = await self.import_copies.copy_from(original, import_id, ids)
        if isinstance(counts, Failure):
            return counts
        await progress.advance(_rows(original))
        outcomes = map(_copied, original.statements, ids, counts.value)
        return Success(
            replace(
                original,
                id=import_id,
                file_name=request.file_name,
                imported_at=self.clock.now(),
                statements=list(outcomes),
            )
        )

    async def _lock(self, original: StatementImport) -> Result[None, Unavailable]:
        """Lock the import against being undone; if it was undone meanwhile, start again."""
        accounts = {statement.account_id for statement in original.statements}
        locked = await self.accounts.lock(accounts, owner=original.user_id)
        if isinstance(locked, Failure):
            return locked
        found = await self.imports.get(original.id, owner=original.user_id)
        if isinstance(found, Failure) and isinstance(found.error, Unavailable):
            return Failure(found.error)
        if isinstance(found, Success) and found.value.undone_at is None:
            return Success(None)
        raise ConcurrencyConflict


def _rows(of: StatementImport) -> int:
    return sum(statement.rows for statement in of.statements)


def _copied(
    outcome: StatementOutcome, id: StatementId, counts: Mapping[MatchResult, int]
) -> StatementOutcome:
    return replace(
        outcome,
        id=id,
        new=0,
        same=counts.get(MatchResult.SAME, 0),
        updates=0,
        conflict=0,
        deleted=counts.get(MatchResult.DELETED, 0),
        suggested=0,
    )
