"""Undo an import."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.reconcile import ReconcileAccounts
from dashtam.application.use_case import UseCase
from domain.ledger.errors import (
    ImportIsRunning,
    ImportIsUndone,
    ImportNotFound,
)
from domain.ledger.imports import StatementImport
from domain.ledger.ports import (
    AccountRepository,
    CategoryRepository,
    FileArchive,
    ImportRepository,
    TransactionRepository,
)
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, ResourceType
from domain.shared.ids import ImportId, UserId
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success

UndoImportError = ImportNotFound | ImportIsUndone | ImportIsRunning | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawImport:
    """Undoes an import that is locked, in the unit of work of the caller, who commits its events.

    The file of one that failed, or that has questions open, is deleted: nobody can import it.
    """

    categories: CategoryRepository
    files: FileArchive
    imports: ImportRepository
    transactions: TransactionRepository
    reconcile_accounts: ReconcileAccounts
    clock: Clock

    async def __call__(
        self, undone: StatementImport
    ) -> Result[list[DomainEvent], ImportIsUndone | Unavailable]:
        now = self.clock.now()
        marked = await self.imports.mark_undone(undone, at=now)
        if isinstance(marked, Failure):
            return marked
        counts = await self._undo(undone)
        if isinstance(counts, Failure):
            return counts
        removed, restored = counts.value
        unbalanced = await self.reconcile_accounts.after_undo(undone)
        if isinstance(unbalanced, Failure):
            return unbalanced
        event = undone.undone(removed=removed, restored=restored, at=now)
        return Success([event, *unbalanced.value])

    async def _undo(self, undone: StatementImport) -> Result[tuple[int, int], Unavailable]:
        """Return how many transactions were removed, and how many restored."""
        if undone.error:
            deleted = await self.files.delete(undone.digest, owner=undone.user_id)
            return deleted if isinstance(deleted, Failure) else Success((0, 0))
        withdrawn = await self.categories.withdraw(undone.id, owner=undone.user_id)
        if isinstance(withdrawn, Failure):
            return withdrawn
        counts = await self.transactions.undo(undone.id, owner=undone.user_id)
        if isinstance(counts, Failure):
            return counts
        expired = await self.transactions.expire(undone.accounts, owner=undone.user_id)
        return expired if isinstance(expired, Failure) else counts


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoImport(UseCase):
    """Undo what an import added and changed; its file can be imported again afterwards.

    An import that waits is withdrawn, and never processed.
    """

    accounts: AccountRepository
    imports: ImportRepository
    withdraw_import: WithdrawImport

    @audit_failures("import.undo", ResourceType.IMPORT)
    @retry_on_conflict
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[StatementImport, UndoImportError]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self._locked(import_id, user_id)
            if isinstance(found, Failure):
                return found
            withdrawn = await self.withdraw_import(found.value)
            if isinstance(withdrawn, Failure):
                return withdrawn
            event, *unbalanced = withdrawn.value
            await uow.commit(event, *unbalanced)
        return Success(found.value.undo(at=event.occurred_at))

    async def _locked(
        self, import_id: ImportId, user_id: UserId
    ) -> Result[StatementImport, UndoImportError]:
        """Lock the import and its accounts; return the import."""
        # One statement undoes all rows of a table, however many, so it may take long.
        begun = await self.imports.allow_long_transaction(steps=True)
        if isinstance(begun, Failure):
            return begun
        found = await self.imports.lock(import_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        locked = await self.accounts.lock(found.value.accounts, owner=user_id)
        return locked if isinstance(locked, Failure) else found
