"""Holdings and net worth in memory: computed day by day and account by account."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import product

from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account, Holding
from domain.ledger.imports import StatementOutcome
from domain.ledger.net_worth import NetWorth, NetWorthRange, Worth
from domain.ledger.values import Security, StatedHolding
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
from tests.balance_fakes import InMemoryDailyBalances
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

    def __init__(self, store: Store, daily_balances: InMemoryDailyBalances) -> None:
        self._store = store
        self._daily_balances = daily_balances

    async def by_day(
        self, period: NetWorthRange, *, owner: UserId, moment: datetime | None = None
    ) -> Result[NetWorth, Unavailable]:
        worth: dict[tuple[date, str], Worth] = {}
        known: set[AccountId] = set()
        unknown_currencies: set[tuple[AccountId, str]] = set()
        accounts = [each for each in self._store.accounts.values() if each.user_id == owner]
        for day, account in product(period, accounts):
            cash = [*self._daily_balances.on_day(account, day, moment)]
            parts = [
                Worth(day=day, currency=each.currency, cash=each.amount)
                for each in cash
                if each.amount is not None
            ]
            unknown_currencies |= {
                (account.id, each.currency) for each in cash if each.amount is None
            }
            for part in [*parts, *self._holdings_on(account, day, moment)]:
                before = worth.get((day, part.currency), Worth(day=day, currency=part.currency))
                worth[day, part.currency] = _sum(before, part)
            if parts or self._list(account, day, moment):
                known.add(account.id)
        unknown = sorted(account.id for account in accounts if account.id not in known)
        others = tuple(sorted(each for each in unknown_currencies if each[0] in known))
        return Success(NetWorth([worth[key] for key in sorted(worth)], unknown, others))

    def _list(
        self, account: Account, day: date, moment: datetime | None
    ) -> StatementOutcome | None:
        as_of = AsOf(moment=moment)
        lists = complete_lists(self._store, account.user_id, as_of, day).get(account.id)
        return lists[-1] if lists else None

    def _holdings_on(self, account: Account, day: date, moment: datetime | None) -> Iterable[Worth]:
        holdings = self._list(account, day, moment)
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
