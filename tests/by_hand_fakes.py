"""What users wrote by hand, in memory."""

from collections.abc import Mapping

from domain.ledger.values import BY_HAND
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.result import Result, Success
from tests.fakes import Store


class InMemoryEntriesByHand:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def stating(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Mapping[ImportId, bool], Unavailable]:
        return Success(
            {
                each.import_id: self._store.imports[each.import_id].format == BY_HAND
                for each in self._store.imported_rows
                if (each.transaction_id, each.user_id) == (transaction_id, owner)
            }
        )

    async def opening_balance(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[ImportId | None, Unavailable]:
        found = [
            done.id
            for done in self._store.imports.values()
            if done.user_id == owner and done.undone_at is None
            for outcome in done.statements
            if outcome.account_id == account_id and outcome.report_type == BY_HAND
            if outcome.closing
        ]
        return Success(max(found, default=None))
