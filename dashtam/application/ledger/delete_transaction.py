"""Take a transaction out of the ledger."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.ledger.errors import TransactionNotFound
from domain.ledger.ports import TransactionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import TransactionId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTransaction(UseCase):
    """Take a transaction out of the ledger for good: no import brings it back."""

    transactions: TransactionRepository

    @audit_failures("transaction.delete", ResourceType.TRANSACTION)
    @retry_on_conflict
    async def __call__(
        self, *, transaction_id: TransactionId, user_id: UserId
    ) -> Result[None, TransactionNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.transactions.lock(transaction_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            deleted, event = found.value.delete(at=self.clock.now())
            kept = await self.transactions.delete(deleted)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(event)
        return Success(None)
