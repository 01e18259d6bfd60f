"""Take an import back."""

from dataclasses import dataclass, replace

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.ledger.errors import ImportIsUndone, ImportNotFound
from domain.ledger.imports import StatementImport
from domain.ledger.ports import AccountRepository, ImportRepository, TransactionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoImport(UseCase):
    """Take back what an import brought and changed; its file can be imported again afterwards."""

    accounts: AccountRepository
    imports: ImportRepository
    transactions: TransactionRepository

    @audit_refusals("import.undo", ResourceType.IMPORT)
    @begun_anew
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[StatementImport, ImportNotFound | ImportIsUndone | Unavailable]:
        now = self.clock.now()
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.imports.get(import_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            accounts = {statement.account_id for statement in found.value.statements}
            locked = await self.accounts.lock(accounts, owner=user_id)
            if isinstance(locked, Failure):
                return locked
            marked = await self.imports.mark_undone(found.value, at=now)
            if isinstance(marked, Failure):
                return marked
            undone = await self.transactions.undo(import_id, owner=user_id)
            if isinstance(undone, Failure):
                return undone
            removed, restored = undone.value
            await uow.commit(found.value.undone(removed=removed, restored=restored, at=now))
        return Success(replace(found.value, undone_at=now))
