"""Merges of accounts in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from domain.ledger.entities import Account
from domain.ledger.merges import (
    AccountMerge,
    MergeIsUndone,
    MergeNotFound,
    Moved,
)
from domain.ledger.values import Removal
from domain.shared.errors import Unavailable
from domain.shared.ids import ImportId, MergeId, TransactionId, UserId
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store, one, owned

_GONE = (Removal.UNDONE, Removal.MERGED)


class InMemoryMergeRepository:
    """Moves rows; what owners say of duplicates is the database's own work, and tested there."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: dict[UUID, list[tuple[UserId, str, str, str]]] = {}

    async def move(self, merged: Account, into: Account) -> Result[Moved, Unavailable]:
        transactions = self._store.transactions.values()
        rows = [each for each in transactions if each.account_id == merged.id]
        present = {
            e.key for e in transactions if e.account_id == into.id and e.removal not in _GONE
        }
        moved = [each.id for each in rows if each.removal in _GONE or each.key not in present]
        self._move(moved, into)
        names = [name for name, account in self._store.names.items() if account == merged.id]
        self._store.names |= dict.fromkeys(names, into.id)
        self._names[merged.id] = names
        self._store.removed_accounts[merged.id] = self._store.accounts.pop(merged.id)
        return Success(Moved(transactions=moved))

    async def annotate(
        self, imports: Mapping[ImportId, ImportId], moved: Moved, *, owner: UserId
    ) -> Result[Mapping[TransactionId, int], Unavailable]:
        return Success({})

    async def move_back(self, merge: AccountMerge) -> Result[None, Unavailable]:
        account = self._store.removed_accounts.pop(merge.merged.id)
        self._store.accounts[account.id] = account
        moved = merge.moved.transactions
        self._move([e for e in moved if self._store.transactions[e].removal is not None], account)
        for name in self._names.pop(account.id, ()):
            if self._store.names[name] == merge.account_id:
                self._store.names[name] = account.id
        return Success(None)

    def _move(self, ids: Sequence[TransactionId], into: Account) -> None:
        for each in ids:
            row = self._store.transactions[each]
            self._store.transactions[each] = replace(row, account_id=into.id)
        for (_, key), state in list(self._store.prior_states.items()):
            if state.id in ids:
                del self._store.prior_states[state.account_id, key]
                self._store.prior_states[into.id, key] = replace(state, account_id=into.id)

    async def follow(
        self, imports: Mapping[ImportId, ImportId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        for merge in list(self._store.merges.values()):
            if merge.user_id == owner and merge.undone_at is None:
                now = {was: imports.get(made, made) for was, made in merge.imports.items()}
                self._store.merges[merge.id] = replace(merge, imports=now)
        return Success(None)

    async def add(self, merge: AccountMerge) -> Result[None, Unavailable]:
        self._store.merges[merge.id] = merge
        return Success(None)

    async def get(
        self, merge_id: MergeId, *, owner: UserId
    ) -> Result[AccountMerge, MergeNotFound | Unavailable]:
        return one(owned(self._store.merges.get(merge_id), owner), MergeNotFound())

    async def page(
        self, *, owner: UserId, after: MergeId | None, limit: int
    ) -> Result[Sequence[AccountMerge], Unavailable]:
        mine = [each for each in self._store.merges.values() if each.user_id == owner]
        mine = [each for each in mine if after is None or each.id < after]
        return Success(sorted(mine, key=lambda each: each.id, reverse=True)[:limit])

    async def mark_undone(self, merge: AccountMerge) -> Result[None, MergeIsUndone | Unavailable]:
        if self._store.merges[merge.id].undone_at:
            return Failure(MergeIsUndone("The merge has already been undone."))
        self._store.merges[merge.id] = merge
        return Success(None)
