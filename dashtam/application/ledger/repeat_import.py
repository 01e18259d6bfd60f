"""A file that is brought once more: the same bytes say the same, and are not read again."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashtam.application.ledger.given_file import GivenFile
from dashtam.application.ledger.progress import Progress
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.ports import AccountRepository, ImportRepository, Repetitions
from domain.ledger.verdicts import Verdict
from domain.shared.errors import ConcurrencyConflict, Unavailable
from domain.shared.ids import ImportId, StatementId, new_id
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """A file, and an import that stands of the same bytes, read with the same hints."""

    given: GivenFile
    twin: StatementImport


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatImport:
    """Lets a new import state what its twin states; only what was deleted since is told otherwise.

    `reader_version` tells the readers of one release from those of another: what another one has
    read is read again, since it may be read better.
    """

    imports: ImportRepository
    repetitions: Repetitions
    accounts: AccountRepository
    clock: Clock
    unit_of_work: UnitOfWorkFactory
    reader_version: str

    async def find(self, given: GivenFile) -> Result[Repetition | None, Unavailable]:
        """Return the file as a repetition, if it is one."""
        if given.csv_profile_id:
            return Success(None)
        digest = await asyncio.to_thread(lambda: given.digest)
        async with self.unit_of_work(owner=given.user_id):
            found = await self.imports.twin(
                digest,
                owner=given.user_id,
                hints=given.hints,
                account_id=given.account_id,
                edition=self.reader_version,
            )
        if isinstance(found, Failure):
            return found
        return Success(Repetition(given=given, twin=found.value) if found.value else None)

    async def __call__(
        self, repetition: Repetition, import_id: ImportId, progress: Progress
    ) -> Result[StatementImport, Unavailable]:
        """Enter all of it once more, in the unit of work that the caller has opened."""
        given, twin = repetition.given, repetition.twin
        standing = await self._standing(twin)
        if isinstance(standing, Failure):
            return standing
        await progress.begin(_rows(twin))
        ids = [StatementId(new_id()) for _ in twin.statements]
        counts = await self.repetitions.repeat(twin, import_id, ids)
        if isinstance(counts, Failure):
            return counts
        await progress.advance(_rows(twin))
        outcomes = map(_repeated, twin.statements, ids, counts.value)
        return Success(
            replace(
                twin,
                id=import_id,
                file_name=given.file_name,
                imported_at=self.clock.now(),
                statements=list(outcomes),
            )
        )

    async def _standing(self, twin: StatementImport) -> Result[None, Unavailable]:
        """Keep it from being undone; where that has happened, all is to be begun anew."""
        accounts = {statement.account_id for statement in twin.statements}
        locked = await self.accounts.lock(accounts, owner=twin.user_id)
        if isinstance(locked, Failure):
            return locked
        found = await self.imports.get(twin.id, owner=twin.user_id)
        if isinstance(found, Success) and found.value.undone_at is None:
            return Success(None)
        raise ConcurrencyConflict


def _rows(twin: StatementImport) -> int:
    return twin.new + twin.same + twin.updates + twin.conflict + twin.deleted


def _repeated(
    outcome: StatementOutcome, id: StatementId, counts: Mapping[Verdict, int]
) -> StatementOutcome:
    return replace(
        outcome,
        id=id,
        new=0,
        same=counts.get(Verdict.SAME, 0),
        updates=0,
        conflict=0,
        deleted=counts.get(Verdict.DELETED, 0),
    )
