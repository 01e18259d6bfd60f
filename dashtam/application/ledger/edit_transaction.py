"""Change what is a person's own of a transaction."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.ports import TransactionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import TransactionId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTransaction(UseCase):
    """Keep a note and a category; imports never change them."""

    transactions: TransactionRepository

    @audit_failures("transaction.edit", ResourceType.TRANSACTION)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        transaction_id: TransactionId,
        user_id: UserId,
        note: str | None = None,
        category: str | None = None,
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.transactions.lock(transaction_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            edited, event = found.value.edit(note=note, category=category, at=self.clock.now())
            kept = await self.transactions.edit(edited)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(event)
        return Success(edited)
