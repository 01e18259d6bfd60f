"""Balances by day in memory: each day is computed by itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from domain.ledger.as_of import AsOf
from domain.ledger.balances import DailyBalance
from domain.ledger.days import Days
from domain.ledger.entities import Account, Transaction
from domain.ledger.imported import BalanceSnapshot
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.values import TransactionStatus
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.money import exact_sum
from domain.shared.result import Result, Success
from tests.fakes import Store
from tests.feed_fakes import InMemoryTransactionHistory


class InMemoryDailyBalances:
    """The simple model of balances: it looks for the nearest stated one of each day."""

    def __init__(self, store: Store, history: InMemoryTransactionHistory) -> None:
        self._store = store
        self._history = history

    async def by_day(
        self,
        days: Days,
        *,
        owner: UserId,
        account_id: AccountId | None = None,
        moment: datetime | None = None,
    ) -> Result[Sequence[DailyBalance], Unavailable]:
        accounts = [each for each in self._store.accounts.values() if each.user_id == owner]
        accounts = [each for each in accounts if account_id in (None, each.id)]
        return Success(
            [
                balance
                for account in sorted(accounts, key=lambda each: each.id)
                for day in reversed([*each_day(days)])
                for balance in self.on_day(account, day, moment)
            ]
        )

    async def first_day(
        self, account_id: AccountId, *, owner: UserId, moment: datetime | None = None
    ) -> Result[date | None, Unavailable]:
        account = self._store.accounts.get(account_id)
        if account is None or account.user_id != owner:
            return Success(None)
        days = [row.booking_date for row in self._booked(account, moment)]
        stated = [*self._balances(account, moment)]
        days += [each.day for each in stated if each.kind is not BalanceKind.OPENING]
        return Success(min(days, default=None))

    def on_day(
        self, account: Account, day: date, moment: datetime | None = None
    ) -> Iterator[DailyBalance]:
        """Yield the balances of a day by currency, those that are not known too."""
        booked = [*self._booked(account, moment)]
        anchors = self._anchors(account, moment)
        for currency in sorted({row.amount.currency for row in booked} | anchors.keys()):
            if currency not in anchors:
                yield DailyBalance(account_id=account.id, day=day, currency=currency)
                continue
            of_days = anchors[currency]
            until = [each for each in of_days if each <= day]
            anchor = of_days[max(until) if until else min(of_days)]
            rows = [row for row in booked if row.amount.currency == currency]
            amount = exact_sum(anchor.money.amount, _sum(rows, after=anchor.day, until=day))
            yield DailyBalance(
                account_id=account.id,
                day=day,
                currency=currency,
                amount=exact_sum(amount, -_sum(rows, after=day, until=anchor.day)),
                kind=anchor.kind,
                stated_on=anchor.day,
            )

    def _anchors(
        self, account: Account, moment: datetime | None
    ) -> dict[str, dict[date, BalanceSnapshot]]:
        by_currency: dict[str, list[BalanceSnapshot]] = defaultdict(list)
        for each in self._balances(account, moment):
            by_currency[each.money.currency].append(each)
        found = {}
        for currency, balances in by_currency.items():
            usable = [each for each in balances if each.kind is BalanceKind.BOOKED]
            if not usable and account.kind is AccountKind.INVESTMENT:
                usable = [each for each in balances if each.kind is BalanceKind.AVAILABLE]
            # The last one of a day counts; those from which a statement goes on count least.
            usable.sort(key=lambda each: not self._is_passed(each, moment))
            if usable:
                found[currency] = {each.day: each for each in usable}
        return found

    def _balances(self, account: Account, moment: datetime | None) -> Iterator[BalanceSnapshot]:
        as_of = AsOf(moment=moment)
        for each in self._store.balances:
            if each.account_id == account.id and self._store.stands(each, each.import_id, as_of):
                yield each

    def _is_passed(self, balance: BalanceSnapshot, moment: datetime | None) -> bool:
        return any(
            outcome.opening is not None
            and outcome.closing is not None
            and (outcome.account_id, outcome.currency)
            == (balance.account_id, balance.money.currency)
            and outcome.opening.day == outcome.closing.day == balance.day
            and outcome.opening.money == balance.money != outcome.closing.money
            and self._store.stands(outcome.id, source.id, AsOf(moment=moment))
            for source in self._store.imports.values()
            for outcome in source.statements
        )

    def _booked(self, account: Account, moment: datetime | None) -> Iterator[Transaction]:
        rows = self._history.at(moment) if moment else self._store.transactions
        for row in rows.values():
            is_active = row.account_id == account.id and row.removal is None
            if is_active and row.status is TransactionStatus.POSTED:
                yield row


def each_day(days: Days) -> Iterable[date]:
    return map(date.fromordinal, range(days.first.toordinal(), days.last.toordinal() + 1))


def _sum(rows: Sequence[Transaction], *, after: date, until: date) -> Decimal:
    total = Decimal(0)
    for row in rows:
        if after < row.booking_date <= until:
            total = exact_sum(total, row.amount.amount)
    return total
