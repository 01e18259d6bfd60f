"""Holdings and net worth in memory: computed day by day and account by account."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account, BalanceSnapshot, Holding, TransactionStatus
from domain.ledger.imports import StatementOutcome
from domain.ledger.net_worth import NetWorth, NetWorthRange, Worth
from domain.ledger.values import AccountKind, BalanceKind, Security, StatedHolding
from domain.shared.errors import Unavailable
from domain.shared.ids import (
    AccountId,
    HoldingId,
    ImportId,
    SecurityId,
    StatementId,
    UserId,
    new_id,
)
from domain.shared.result import Result, Success
from tests.fakes import Store


class InMemoryHoldingRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def add(
        self,
        statement_id: StatementId,
        import_id: ImportId,
        account: Account,
        holdings: Sequence[StatedHolding],
    ) -> Result[None, Unavailable]:
        for stated in holdings:
            holding = Holding.of(
                stated,
                id=HoldingId(new_id()),
                account=account,
                import_id=import_id,
                statement_id=statement_id,
                security_id=self._security(account.user_id, stated.security),
            )
            self._store.holdings = [*self._store.holdings, holding]
        return Success(None)

    async def page(
        self,
        *,
        owner: UserId,
        account_id: AccountId | None = None,
        as_of: AsOf = NOW,
        after: HoldingId | None,
        limit: int,
    ) -> Result[Sequence[Holding], Unavailable]:
        last = as_of.day or date.max
        lists = [
            listed[-1].id
            for account, listed in complete_lists(self._store, owner, as_of, last).items()
            if account_id in (None, account)
        ]
        holding = [each for each in self._store.holdings if each.statement_id in lists]
        holding.sort(key=lambda each: each.id)
        page = [each for each in holding if not after or each.id > after][:limit]
        return Success([replace(each, security=self._named_security(each)) for each in page])

    def _security(self, owner: UserId, stated: Security) -> SecurityId:
        key = (owner, stated.scheme, stated.number)
        security_id, stored = self._store.securities.get(key, (SecurityId(new_id()), stated))
        learnt = replace(
            stored, name=stated.name or stored.name, ticker=stated.ticker or stored.ticker
        )
        self._store.securities[key] = (security_id, learnt)
        return security_id

    def _named_security(self, holding: Holding) -> Security:
        key = (holding.user_id, holding.security.scheme, holding.security.number)
        return self._store.securities[key][1]


class InMemoryNetWorthRepository:
    """The simple model of net worth: it adds the accounts up for each day."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def by_day(
        self, period: NetWorthRange, *, owner: UserId
    ) -> Result[NetWorth, Unavailable]:
        worth: dict[tuple[date, str], Worth] = {}
        accounts_with_data: set[AccountId] = set()
        accounts = [each for each in self._store.accounts.values() if each.user_id == owner]
        for day in period:
            for account in accounts:
                parts = [*self._cash(account, day), *self._holdings_on(account, day)]
                for part in parts:
                    before = worth.get((day, part.currency), Worth(day=day, currency=part.currency))
                    worth[day, part.currency] = _sum(before, part)
                if parts or self._list(account, day):
                    accounts_with_data.add(account.id)
        unknown = sorted(account.id for account in accounts if account.id not in accounts_with_data)
        return Success(NetWorth([worth[key] for key in sorted(worth)], unknown))

    def _cash(self, account: Account, day: date) -> Iterable[Worth]:
        by_currency: dict[str, list[BalanceSnapshot]] = defaultdict(list)
        for each in self._store.balances:
            if each.account_id == account.id and self._store.stands(each, each.import_id, NOW):
                by_currency[each.money.currency].append(each)
        for currency, balances in by_currency.items():
            usable = [each for each in balances if each.kind is BalanceKind.BOOKED]
            if not usable and account.kind is AccountKind.INVESTMENT:
                usable = [each for each in balances if each.kind is BalanceKind.AVAILABLE]
            if usable:
                yield Worth(day=day, currency=currency, cash=self._rolled(usable, day))

    def _rolled(self, balances: Sequence[BalanceSnapshot], day: date) -> Decimal:
        """Return the sum of the balances on a day, with bookings in between."""
        in_order = sorted(balances, key=lambda each: each.day)
        until = [each for each in in_order if each.day <= day]
        earliest = [each for each in in_order if each.day == in_order[0].day]
        anchor = (until or earliest)[-1]
        forward = self._booked(anchor, after=anchor.day, until=day)
        return anchor.money.amount + forward - self._booked(anchor, after=day, until=anchor.day)

    def _booked(self, like: BalanceSnapshot, *, after: date, until: date) -> Decimal:
        amounts = [
            row.amount.amount
            for row in self._store.transactions.values()
            if (row.account_id, row.amount.currency) == (like.account_id, like.money.currency)
            and row.status is TransactionStatus.POSTED
            and row.removal is None
            and after < row.booking_date <= until
        ]
        return sum(amounts, Decimal(0))

    def _list(self, account: Account, day: date) -> StatementOutcome | None:
        lists = complete_lists(self._store, account.user_id, NOW, day).get(account.id)
        return lists[-1] if lists else None

    def _holdings_on(self, account: Account, day: date) -> Iterable[Worth]:
        holdings = self._list(account, day)
        for each in self._store.holdings:
            if holdings and each.statement_id == holdings.id:
                worth = each.worth
                yield Worth(
                    day=day,
                    currency=each.currency,
                    holdings=worth or Decimal(0),
                    unvalued=int(worth is None),
                )


def complete_lists(
    store: Store, owner: UserId, as_of: AsOf, last: date
) -> dict[AccountId, list[StatementOutcome]]:
    """Return each account's complete lists up to a day, the decisive one last."""
    found: dict[AccountId, list[tuple[date, StatementOutcome]]] = defaultdict(list)
    for source in store.imports.values():
        for statement in source.statements:
            day = statement.holdings_day
            applies = source.user_id == owner and day and day <= last
            if day and applies and store.stands(statement.id, source.id, as_of):
                found[statement.account_id].append((day, statement))
    return {
        account_id: [each for _, each in sorted(applies, key=lambda dated: dated[0])]
        for account_id, applies in found.items()
    }


def _sum(one: Worth, other: Worth) -> Worth:
    return replace(
        one,
        cash=one.cash + other.cash,
        holdings=one.holdings + other.holdings,
        unvalued=one.unvalued + other.unvalued,
    )
