"""The ledger's ports in memory."""

from collections.abc import Collection, Mapping, Sequence

from domain.ledger.entities import Account, BalanceSnapshot, StatementImport, Transaction
from domain.ledger.errors import (
    AccountExists,
    AccountNotFound,
    ImportNotFound,
    TransactionNotFound,
)
from domain.ledger.identity import Identity
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import (
    AccountReference,
    BalanceKind,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store, one, owned


class InMemoryAccountRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(
        self, account_id: AccountId, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]:
        account = self._store.accounts.get(account_id)
        return one(owned(account, owner), AccountNotFound("No such account."))

    async def find(
        self, reference: AccountReference, *, owner: UserId
    ) -> Result[Account, AccountNotFound | Unavailable]:
        named = self._store.names.get(_name(owner, reference))
        found = self._store.accounts.get(named) if named else None
        return one(found, AccountNotFound("No such account."))

    async def all(self, *, owner: UserId) -> Result[Sequence[Account], Unavailable]:
        found = [each for each in self._store.accounts.values() if each.user_id == owner]
        return Success(sorted(found, key=lambda account: account.id))

    async def add(self, account: Account) -> Result[None, AccountExists | Unavailable]:
        reference = AccountReference(
            kind=account.kind,
            number=account.number,
            institution=account.institution,
            currency=account.currency,
        )
        if isinstance(await self.find(reference, owner=account.user_id), Success):
            return Failure(AccountExists("There is an account of this number."))
        self._store.accounts[account.id] = account
        return await self.name(account, reference)

    async def name(
        self, account: Account, reference: AccountReference
    ) -> Result[None, Unavailable]:
        self._store.names.setdefault(_name(account.user_id, reference), account.id)
        return Success(None)

    async def lock(
        self, account_ids: Collection[AccountId], *, owner: UserId
    ) -> Result[None, Unavailable]:
        return Success(None)


class InMemoryTransactionRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound | Unavailable]:
        found = owned(self._store.transactions.get(transaction_id), owner)
        return one(found, TransactionNotFound("No such transaction."))

    async def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[Transaction], Unavailable]:
        rows = [row for row in self._of(account_id, owner) if _matches(row, where)]
        rows.sort(key=lambda row: (row.booking_date, row.id), reverse=True)
        if after:
            rows = [row for row in rows if (row.booking_date, row.id) < (after.day, after.id)]
        items = rows[:limit]
        last = Cursor(items[-1].booking_date, items[-1].id) if len(rows) > limit else None
        return Success(Page(items, last))

    async def known(
        self, account_id: AccountId, *, owner: UserId, identities: Sequence[Identity]
    ) -> Result[Collection[Identity], Unavailable]:
        wanted = {identity.fingerprint for identity in identities}
        held = {row.identity for row in self._of(account_id, owner)}
        return Success({identity for identity in held if identity.fingerprint in wanted})

    async def known_provider_ids(
        self, account_id: AccountId, *, owner: UserId, provider_ids: Collection[str]
    ) -> Result[Collection[str], Unavailable]:
        held = {row.provider_id for row in self._of(account_id, owner) if row.provider_id}
        return Success(held & set(provider_ids))

    async def add(self, transactions: Sequence[Transaction]) -> Result[None, Unavailable]:
        self._store.transactions |= {each.id: each for each in transactions}
        return Success(None)

    def _of(self, account_id: AccountId, owner: UserId) -> list[Transaction]:
        rows = self._store.transactions.values()
        return [row for row in rows if (row.account_id, row.user_id) == (account_id, owner)]


class InMemoryBalanceRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(self, snapshots: Sequence[BalanceSnapshot]) -> Result[int, Unavailable]:
        before = len(self._store.balances)
        for snapshot in snapshots:
            if _balance_key(snapshot) not in map(_balance_key, self._store.balances):
                self._store.balances.append(snapshot)
        return Success(len(self._store.balances) - before)

    async def of_account(
        self, account_id: AccountId, *, owner: UserId, limit: int
    ) -> Result[Sequence[BalanceSnapshot], Unavailable]:
        found = [
            each
            for each in reversed(self._store.balances)
            if (each.account_id, each.user_id) == (account_id, owner)
        ]
        return Success(sorted(found, key=lambda each: each.day, reverse=True)[:limit])

    async def latest(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, BalanceSnapshot], Unavailable]:
        newest: dict[AccountId, BalanceSnapshot] = {}
        for each in sorted(self._store.balances, key=lambda snapshot: snapshot.day):
            if each.user_id == owner and each.kind is BalanceKind.BOOKED:
                newest[each.account_id] = each
        return Success(newest)


class InMemoryImportRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(
        self, import_id: ImportId, *, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | Unavailable]:
        found = owned(self._store.imports.get(import_id), owner)
        return one(found, ImportNotFound("No such import."))

    async def add(self, statement_import: StatementImport) -> Result[None, Unavailable]:
        self._store.imports[statement_import.id] = statement_import
        return Success(None)


def _balance_key(snapshot: BalanceSnapshot) -> tuple[object, ...]:
    return snapshot.account_id, snapshot.kind, snapshot.day, snapshot.money


def _matches(row: Transaction, where: TransactionFilter) -> bool:
    amount = row.amount.amount
    return (
        (where.booked_from is None or row.booking_date >= where.booked_from)
        and (where.booked_to is None or row.booking_date <= where.booked_to)
        and (where.amount_from is None or amount >= where.amount_from)
        and (where.amount_to is None or amount <= where.amount_to)
        and where.status in (None, row.status)
        and where.kind in (None, row.kind)
    )


def _name(owner: UserId, reference: AccountReference) -> tuple[object, ...]:
    return owner, reference.institution, reference.number, reference.currency
