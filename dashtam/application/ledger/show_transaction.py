"""Show a transaction."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.events import TransactionViewed
from domain.ledger.ports import TransactionHistory, TransactionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import TransactionId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTransaction(UseCase):
    """Show one transaction as it is or was, with all that the statement said of it."""

    transactions: TransactionRepository
    history: TransactionHistory

    @audit_failures("transaction.view", ResourceType.TRANSACTION)
    async def __call__(
        self, *, transaction_id: TransactionId, user_id: UserId, as_of: AsOf = NOW
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self._find(transaction_id, user_id, as_of)
            if isinstance(found, Failure):
                return found
            await uow.commit(
                TransactionViewed(
                    subject_id=transaction_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return found

    async def _find(
        self, transaction_id: TransactionId, user_id: UserId, as_of: AsOf
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        if as_of.moment:
            return await self.history.get(transaction_id, owner=user_id, at=as_of.moment)
        found = await self.transactions.get(transaction_id, owner=user_id)
        if as_of.day and isinstance(found, Success) and found.value.booking_date > as_of.day:
            return Failure(TransactionNotFound("No such transaction."))
        return found
