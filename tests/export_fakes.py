"""The ledger on its way out, in memory."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import TypeVar

from domain.ledger.entities import Leg, Transaction
from domain.ledger.errors import AccountNotFound
from domain.ledger.exports import (
    AccountLedger,
    ExportedLeg,
    ExportedTransaction,
    ExportScope,
    Ledger,
)
from domain.ledger.kinds import BalanceKind
from domain.ledger.transfers import Pair, TransferDecision
from domain.ledger.values import StatedBalance
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.money import Money
from domain.shared.result import Failure, Result, Success
from tests.balance_fakes import InMemoryDailyBalances
from tests.fakes import Store, owned
from tests.transfer_fakes import ids_of

T = TypeVar("T")
Key = tuple[AccountId, str]


class InMemoryLedgerSource:
    def __init__(self, store: Store, daily_balances: InMemoryDailyBalances) -> None:
        self._store = store
        self._daily_balances = daily_balances

    async def read(
        self, use: Callable[[Ledger], T], *, owner: UserId, scope: ExportScope
    ) -> Result[T, AccountNotFound | Unavailable]:
        wanted = scope.account_id
        if wanted and not owned(self._store.accounts.get(wanted), owner):
            return Failure(AccountNotFound("No such account."))
        transactions = self._transactions(owner, scope)
        balances = self._balances(owner, scope)
        account_ledgers = [
            self._account_ledger(key, transactions.get(key, []), balances.get(key, {}), scope)
            for key in transactions.keys() | balances.keys()
        ]
        return Success(
            use(
                Ledger(
                    accounts=sorted(
                        account_ledgers, key=lambda account_ledger: account_ledger.sort_key
                    )
                )
            )
        )

    def _account_ledger(
        self,
        key: Key,
        transactions: list[ExportedTransaction],
        balances: dict[date, StatedBalance],
        scope: ExportScope,
    ) -> AccountLedger:
        days = [*(each.booking_date for each in transactions), *balances]
        return AccountLedger(
            account=self._store.accounts[key[0]],
            currency=key[1],
            first_day=min(days),
            last_day=max(days),
            balances=[balances[day] for day in sorted(balances)],
            closing=self._closing(key, max(days)),
            transactions=sorted(transactions, key=lambda each: (each.booking_date, each.id)),
            shared_ids=self._shared_ids(key[0], scope),
            transfers=self._transfers(key[0]),
        )

    def _closing(self, key: Key, day: date) -> Money | None:
        for each in self._daily_balances.on_day(self._store.accounts[key[0]], day):
            if each.currency == key[1] and each.amount is not None:
                return Money(each.amount, each.currency)
        return None

    def _shared_ids(self, account_id: AccountId, scope: ExportScope) -> set[str]:
        rows = [
            row
            for row in self._store.transactions.values()
            if row.account_id == account_id and not row.removal
            if _is_wanted(row.account_id, row.booking_date, scope)
        ]
        stated = Counter(row.provider_id for row in rows if row.provider_id and not row.is_pending)
        ours = {str(row.id) for row in rows}
        return {each for each, count in stated.items() if count > 1 or each in ours}

    def _transfers(self, account_id: AccountId) -> list[ExportedLeg]:
        found = []
        for each in self._store.transfers.values():
            rows = [self._store.transactions.get(end) for end in ids_of(each.pair)]
            legs = [Leg.of(row) for row in rows if row and not row.removal]
            if each.decision is not TransferDecision.CONFIRMED or len(legs) < 2:
                continue
            now = replace(each, pair=Pair(*legs))
            fee, is_exchange = now.pair.fee.amount, now.pair.is_exchange
            out, into = now.pair.outgoing, now.pair.incoming
            if out.account_id == account_id and not now.broken:
                found.append(ExportedLeg(out.transaction_id, fee, is_exchange))
            if into.account_id == account_id and not now.broken:
                found.append(ExportedLeg(into.transaction_id, is_exchange=is_exchange))
        return found

    def _transactions(
        self, owner: UserId, scope: ExportScope
    ) -> dict[Key, list[ExportedTransaction]]:
        found: dict[Key, list[ExportedTransaction]] = {}
        for row in self._store.transactions.values():
            stands = row.user_id == owner and not row.removal
            if stands and _is_wanted(row.account_id, row.booking_date, scope):
                key = row.account_id, row.amount.currency
                found.setdefault(key, []).append(transaction_of(row))
        return found

    def _balances(self, owner: UserId, scope: ExportScope) -> dict[Key, dict[date, StatedBalance]]:
        found: dict[Key, dict[date, StatedBalance]] = {}
        accounts = [each for each in self._store.accounts.values() if each.user_id == owner]
        for account, day in {(a, b.day) for a in accounts for b in self._store.balances}:
            for each in self._daily_balances.on_day(account, day):
                is_booked = each.kind is BalanceKind.BOOKED and each.stated_on == day
                if is_booked and each.amount is not None and _is_wanted(account.id, day, scope):
                    stated = StatedBalance(
                        kind=BalanceKind.BOOKED, money=Money(each.amount, each.currency), day=day
                    )
                    found.setdefault((account.id, each.currency), {})[day] = stated
        return found


class PlainWriter:
    """Writes amounts, a line each: for rules, never for files."""

    format = "plain"
    media_type = "text/plain"
    suffix = ".txt"

    def write(self, ledger: Ledger) -> Iterator[bytes]:
        for account_ledger in ledger.accounts:
            for transaction in account_ledger.transactions:
                yield f"{transaction.amount}\n".encode()


def transaction_of(row: Transaction) -> ExportedTransaction:
    return ExportedTransaction(
        row.id,
        row.booking_date,
        row.value_date,
        row.amount,
        row.kind,
        row.status,
        row.description,
        row.note,
        row.category,
        row.provider_id,
        row.trade,
        row.payee,
        row.counterparty_account,
        row.reference,
        row.memo,
        row.category_id,
        row.tags,
        row.splits,
    )


def _is_wanted(account_id: AccountId, day: date, scope: ExportScope) -> bool:
    return (
        scope.account_id in (None, account_id)
        and (scope.first_day is None or day >= scope.first_day)
        and (scope.last_day is None or day <= scope.last_day)
    )
