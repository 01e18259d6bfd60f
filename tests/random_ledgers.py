"""Random ledgers: what imports state of accounts, in which much falls on the same day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from domain.ledger.balances import DailyBalance
from domain.ledger.days import Days
from domain.ledger.entities import Account
from domain.ledger.exports import ExportScope, Ledger
from domain.ledger.imports import StatementImport
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.net_worth import NetWorth, NetWorthRange
from domain.ledger.values import StatedHolding
from domain.shared.ids import UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import (
    make_account,
    make_connection,
    make_holding,
    make_import,
    make_row,
    make_snapshot,
    make_transaction,
    make_user,
)

# Few, so that much falls on the same day.
days = st.integers(1, 6)
amounts = st.integers(-900, 900).map(Decimal)
moneys = st.builds(Money, amounts, st.sampled_from(["EUR", "EUR", "USD"]))
rarely = st.sampled_from([False, False, False, True])
kinds = st.sampled_from([AccountKind.CHECKING, AccountKind.INVESTMENT])


@dataclass(frozen=True)
class AStatement:
    """What one import states about one account."""

    account: int
    balances: Sequence[tuple[BalanceKind, Money, int]]
    rows: Sequence[tuple[Money, int, bool, bool]]
    listed: int | None
    positions: Sequence[tuple[Money | None, Money | None, Decimal]]
    undone: bool

    def holdings(self) -> list[StatedHolding]:
        return [
            replace(make_holding(f"XX{n}", str(quantity)), value=value, price=price)
            for n, (value, price, quantity) in enumerate(self.positions)
        ]


statements = st.builds(
    AStatement,
    account=st.integers(0, 2),
    balances=st.lists(st.tuples(st.sampled_from(BalanceKind), moneys, days), max_size=3),
    rows=st.lists(st.tuples(moneys, days, rarely, rarely), max_size=6),
    listed=st.none() | days,
    positions=st.lists(st.tuples(st.none() | moneys, st.none() | moneys, amounts), max_size=3),
    undone=rarely,
)
periods = st.tuples(st.integers(-2, 8), st.integers(0, 4)).map(
    lambda given: NetWorthRange(
        date.fromordinal(date(2026, 3, 1).toordinal() + given[0]),
        date.fromordinal(date(2026, 3, 1).toordinal() + sum(given)),
    )
)


@dataclass(frozen=True)
class Found:
    """What the ports say of one user's balances."""

    balances: Sequence[DailyBalance]
    net_worth: NetWorth
    ledger: Ledger


async def make_accounts(worlds: Sequence[World], kinds: Sequence[AccountKind]) -> list[Account]:
    """Add a user with accounts of these kinds to each world."""
    user = make_user(f"{new_id()}@example.org")
    connection = make_connection(user.id)
    accounts = [make_account(connection, str(n), kind=kind) for n, kind in enumerate(kinds)]
    for world in worlds:
        assert await world.users.add(user) == Success(None)
        assert await world.connections.add(connection) == Success(None)
        for account in accounts:
            assert await world.accounts.add(account) == Success(None)
    return accounts


async def find(world: World, owner: UserId, period: NetWorthRange) -> Found:
    """Ask for the balances of each day in all ways in which they can be asked for."""
    days = Days(period.first, period.last)
    balances = await world.daily_balances.by_day(days, owner=owner)
    net_worth = await world.net_worth.by_day(period, owner=owner)
    scope = ExportScope(first_day=period.first, last_day=period.last)
    ledger = await world.ledgers.read(_read, owner=owner, scope=scope)
    assert isinstance(balances, Success)
    assert isinstance(net_worth, Success)
    assert isinstance(ledger, Success)
    return Found(balances.value, net_worth.value, ledger.value)


def _read(ledger: Ledger) -> Ledger:
    """Read what is fetched while the ledger is open."""
    accounts = [
        replace(each, transactions=[*each.transactions], shared_ids=(), transfers=())
        for each in ledger.accounts
    ]
    return Ledger(accounts=accounts)


async def import_file(worlds: Sequence[World], account: Account, file: AStatement) -> None:
    source = make_import(account.user_id, account.id)
    day = date(2026, 3, file.listed) if file.listed else None
    statement = replace(source.statements[0], holdings_day=day)
    source = replace(source, statements=[statement])
    rows = [
        make_transaction(
            account,
            source,
            make_row(day=day, provider_id=f"{source.id}{n}", pending=pending),
            amount=money,
        )
        for n, (money, day, pending, _) in enumerate(file.rows)
    ]
    deleted = [row for row, (*_, is_deleted) in zip(rows, file.rows, strict=True) if is_deleted]
    balances = [
        make_snapshot(account, source, kind=kind, money=money, day=day)
        for kind, money, day in file.balances
    ]
    for world in worlds:
        await world.balances.add(balances)
        await world.transactions.add(rows)
        for row in deleted:
            await world.transactions.delete(row)
        await world.holdings.add(statement.id, source.id, account, file.holdings())
        await world.imports.add(source)
        await _undo(world, source, undone=file.undone)


async def _undo(world: World, source: StatementImport, *, undone: bool) -> None:
    if undone:
        assert await world.imports.mark_undone(source, at=datetime.now(UTC)) == Success(None)
