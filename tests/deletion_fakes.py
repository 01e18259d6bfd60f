"""Deleted transactions in memory."""

from dataclasses import replace

from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionIsUndone, TransactionNotFound
from domain.ledger.values import Removal
from domain.shared.errors import Unavailable
from domain.shared.ids import TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store, one, owned


class InMemoryDeletedTransactions:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(
        self, *, owner: UserId, after: Cursor | None, limit: int
    ) -> Result[Page[Transaction], Unavailable]:
        rows = [
            each
            for each in self._store.transactions.values()
            if each.user_id == owner and each.removal is Removal.DELETED
            if after is None or (each.booking_date, each.id) < (after.day, after.id)
        ]
        rows.sort(key=lambda row: (row.booking_date, row.id), reverse=True)
        items = rows[:limit]
        last = Cursor(items[-1].booking_date, items[-1].id) if len(rows) > limit else None
        return Success(Page(items, last))

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        found = owned(self._store.transactions.get(transaction_id), owner)
        deleted = found if found and found.removal is Removal.DELETED else None
        return one(deleted, TransactionNotFound())

    async def restore(
        self, transaction: Transaction
    ) -> Result[None, TransactionIsUndone | TransactionNotFound | Unavailable]:
        found = await self.get(transaction.id, owner=transaction.user_id)
        if isinstance(found, Failure):
            return found
        present = found.value
        stating = [e for e in self._store.imported_rows if e.transaction_id == present.id]
        keys = {each.key for each in stating}
        prior = [e for e in self._store.prior_states.values() if e.id == present.id]
        states = [each for each in (present, *prior) if each.key in keys]
        if not states:
            return Failure(TransactionIsUndone("No import states this transaction any more."))
        chosen = min(
            states,
            key=lambda each: (each.is_pending, each is not present, each.booking_date),
        )
        if chosen is not present:
            former = replace(present, removal=None)
            self._store.prior_states[present.account_id, present.key] = former
            self._store.prior_states.pop((chosen.account_id, chosen.key))
        first = min(
            (each for each in stating if each.key == chosen.key),
            key=lambda each: (each.import_id, each.line),
        )
        self._store.transactions[present.id] = replace(
            chosen,
            id=present.id,
            import_id=first.import_id,
            line=first.line,
            note=present.note,
            category=present.category,
            removal=None,
        )
        return Success(None)
