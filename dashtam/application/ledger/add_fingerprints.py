"""Know what was imported by another scheme of fingerprints too."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.ledger.bring_statement import ImportStatementError
from dashtam.application.ledger.reread_import import RereadImport
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.ledger.errors import FileDiffers, ImportNotFound, SchemeNotFound
from domain.ledger.events import FingerprintsAdded
from domain.ledger.fingerprints import pairs_to_add, seen_as
from domain.ledger.identity import Identity, Scheme
from domain.ledger.imports import StatementImport
from domain.ledger.ports import (
    AccountRepository,
    FingerprintRepository,
    ImportRepository,
)
from domain.ledger.values import Statement, StatementRow
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.result import Failure, Result, Success

IMPORTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class AddedFingerprints:
    """How many imports were gone over, how many identities that added, and which were left alone.

    A file that cannot be read as it was is not guessed at: its import is `differing`.
    """

    imports: int = 0
    added: int = 0
    differing: Sequence[ImportId] = ()

    def and_of(self, import_id: ImportId, added: int | None) -> "AddedFingerprints":
        """Return it with one import more; nothing is added of one that differs."""
        differing = [*self.differing, import_id] if added is None else self.differing
        return AddedFingerprints(self.imports + 1, self.added + (added or 0), differing)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFingerprints(UseCase):
    """Compute the identities of all rows of a user anew, from the files that are kept.

    No transaction is touched. Each import is a unit of work: what is left is the next run's.
    """

    schemes: Mapping[int, Scheme]
    reread_import: RereadImport
    accounts: AccountRepository
    imports: ImportRepository
    fingerprints: FingerprintRepository

    @audit_refusals("fingerprints.add", ResourceType.USER)
    async def __call__(
        self, *, user_id: UserId, scheme: int
    ) -> Result[AddedFingerprints, SchemeNotFound | Unavailable]:
        if scheme not in self.schemes:
            known = ", ".join(map(str, sorted(self.schemes)))
            return Failure(SchemeNotFound(f"There is no scheme {scheme}. Known: {known}."))
        done = AddedFingerprints()
        # What stands comes first: what is undone must not stand in for it.
        for undone in (False, True):
            gone_over = await self._go_over(user_id, scheme, done, undone=undone)
            if isinstance(gone_over, Failure):
                return gone_over
            done = gone_over.value
        return Success(done)

    async def _go_over(
        self, user_id: UserId, scheme: int, done: AddedFingerprints, *, undone: bool
    ) -> Result[AddedFingerprints, Unavailable]:
        after: ImportId | None = None
        while True:
            async with self.unit_of_work(owner=user_id):
                page = await self.fingerprints.imports(
                    owner=user_id, undone=undone, after=after, limit=IMPORTS_AT_ONCE
                )
            if isinstance(page, Failure):
                return page
            if not page.value:
                return Success(done)
            for after in page.value:
                added = await self._add_to(after, user_id, scheme)
                if isinstance(added, Failure):
                    return added
                done = done.and_of(after, added.value)

    async def _add_to(
        self, import_id: ImportId, user_id: UserId, scheme: int
    ) -> Result[int | None, Unavailable]:
        """Return how many identities were added, or nothing where the file differs."""
        added = await self._reread(import_id, user_id, scheme)
        if isinstance(added, Success):
            return Success(added.value)
        return Failure(added.error) if isinstance(added.error, Unavailable) else Success(None)

    async def _reread(
        self, import_id: ImportId, user_id: UserId, scheme: int
    ) -> Result[int, ImportNotFound | ImportStatementError | FileDiffers]:
        read = await self.reread_import(import_id, user_id)
        if isinstance(read, Failure):
            return read
        done, statements = read.value
        return await self._add(done, statements, scheme)

    @begun_anew
    async def _add(
        self, done: StatementImport, statements: Sequence[Statement], scheme: int
    ) -> Result[int, FileDiffers | Unavailable]:
        accounts = [statement.account_id for statement in done.statements]
        async with self.unit_of_work(owner=done.user_id) as uow:
            entered = await self._entered(done, statements)
            if isinstance(entered, Failure):
                return entered
            count = 0
            for account_id, statement, known in zip(
                accounts, statements, entered.value, strict=True
            ):
                added = await self._know(account_id, done.user_id, scheme, statement.rows, known)
                if isinstance(added, Failure):
                    return added
                count += added.value
            if count:
                await uow.commit(self._told(done, scheme, count))
        return Success(count)

    async def _entered(
        self, done: StatementImport, statements: Sequence[Statement]
    ) -> Result[Sequence[Sequence[Identity]], FileDiffers | Unavailable]:
        """Return under which identities the rows were entered, with nobody else at the accounts."""
        begun = await self.imports.unhurried()
        if isinstance(begun, Failure):
            return begun
        accounts = {statement.account_id for statement in done.statements}
        locked = await self.accounts.lock(accounts, owner=done.user_id)
        if isinstance(locked, Failure):
            return locked
        seen = await self.fingerprints.seen(done.id, owner=done.user_id)
        if isinstance(seen, Failure):
            return seen
        entered = await asyncio.to_thread(seen_as, statements, seen.value)
        if entered is None or len(statements) != len(done.statements):
            return Failure(FileDiffers("The file reads otherwise than it did."))
        return Success(entered)

    async def _know(
        self,
        account_id: AccountId,
        owner: UserId,
        scheme: int,
        rows: Sequence[StatementRow],
        known: Sequence[Identity],
    ) -> Result[int, Unavailable]:
        """Know the rows of a statement by the scheme too."""
        fingerprints = await asyncio.to_thread(_fingerprints, rows, self.schemes[scheme])
        kept = await self.fingerprints.kept(
            account_id, owner=owner, scheme=scheme, fingerprints=fingerprints, known=known
        )
        if isinstance(kept, Failure):
            return kept
        pairs = await asyncio.to_thread(pairs_to_add, fingerprints, known, kept.value)
        if not pairs:
            return Success(0)
        return await self.fingerprints.add(account_id, owner=owner, scheme=scheme, pairs=pairs)

    def _told(self, done: StatementImport, scheme: int, count: int) -> FingerprintsAdded:
        return FingerprintsAdded(
            subject_id=done.id,
            actor=origin.get().actor,
            occurred_at=self.clock.now(),
            scheme=scheme,
            count=count,
        )


def _fingerprints(rows: Sequence[StatementRow], scheme: Scheme) -> list[bytes]:
    return [scheme(row) for row in rows]
