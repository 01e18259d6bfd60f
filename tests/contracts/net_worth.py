"""What every implementation must compute as net worth."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from domain.ledger.entities import Account
from domain.ledger.kinds import AccountKind, BalanceKind
from domain.ledger.net_worth import NetWorth, NetWorthRange, Worth
from domain.shared.money import Money
from domain.shared.result import Success
from tests.contracts.holdings import FIRST, MARCH, SECOND, THIRD, another, import_statement
from tests.contracts.world import World
from tests.factories import (
    make_account,
    make_connection,
    make_holding,
    make_row,
    make_snapshot,
    make_transaction,
)

WEEK = NetWorthRange(MARCH[0], MARCH[6])


async def worth(world: World, account: Account, period: NetWorthRange = WEEK) -> NetWorth:
    found = await world.net_worth.by_day(period, owner=account.user_id)
    assert isinstance(found, Success)
    return found.value


async def cash(world: World, account: Account, period: NetWorthRange = WEEK) -> list[str]:
    """Return the cash of each day, of an account that is the only one."""
    items = (await worth(world, account, period)).items
    assert [each.day for each in items] == list(period)
    return [f"{each.cash.normalize():f}" for each in items]


async def book(world: World, account: Account, **days: Sequence[str]) -> None:
    """Add an import with transactions: `d3=["-1.00"]` books one euro on the third of March."""
    source = await world.source(account)
    rows = [
        make_row(amount, day=int(day[1:]), provider_id=f"{source.id}{day}{n}")
        for day, amounts in days.items()
        for n, amount in enumerate(amounts)
    ]
    await world.transactions.add([make_transaction(account, source, row) for row in rows])


async def investment(world: World) -> Account:
    connection = make_connection((await world.user("inv@example.org")).id)
    account = make_account(connection, kind=AccountKind.INVESTMENT)
    assert await world.connections.add(connection) == Success(None)
    assert await world.accounts.add(account) == Success(None)
    return account


class NetWorthRepositoryContract:
    async def test_rolls_a_balance_forward(self, world: World) -> None:
        account = await world.account()
        await world.balances.add([make_snapshot(account, await world.source(account), "100")])
        await book(world, account, d1=["-50"], d3=["-1", "-2"], d6=["10"])

        assert await cash(world, account) == ["100", "100", "97", "97", "97", "107", "107"]

    async def test_rolls_the_first_balance_back(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        await world.balances.add([make_snapshot(account, source, "100", day=5)])
        await book(world, account, d1=["-50"], d3=["-1", "-2"], d5=["20"], d6=["10"])

        assert await cash(world, account) == ["83", "83", "80", "80", "100", "110", "110"]

    async def test_uses_balances_outside_the_period(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        await book(world, account, d1=["1"], d2=["16"], d3=["2"], d10=["4"], d12=["8"])
        before, days = (
            make_snapshot(account, source, "100", day=2),
            NetWorthRange(MARCH[4], MARCH[5]),
        )
        await world.balances.add([replace(before, day=date(2026, 3, 20))])

        assert await cash(world, account, days) == ["88", "88"]

        await world.balances.add([before])

        assert await cash(world, account, days) == ["102", "102"]

    async def test_each_balance_counts_until_the_next_one(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        stated = [("100", 2), ("200", 4), ("300", 7)]
        await world.balances.add(
            [make_snapshot(account, source, amount, day=day) for amount, day in stated]
        )
        await book(world, account, d2=["5"], d3=["-1"], d4=["7"], d5=["-3"])

        assert await cash(world, account) == ["95", "100", "99", "200", "197", "197", "300"]

    async def test_the_latest_of_two_balances_for_a_day_counts(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        for source, amount in ((second, "100"), (first, "101"), (second, "99")):
            await world.balances.add([make_snapshot(account, source, amount)])

        assert await cash(world, account, NetWorthRange(MARCH[0], MARCH[0])) == ["99"]

    async def test_pending_and_removed_transactions_do_not_count(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        await world.balances.add([make_snapshot(account, source, "100")])
        rows = [
            make_row("-1", day=2, provider_id="P", pending=True),
            make_row("-2", day=2, provider_id="D"),
            make_row("-4", day=2, provider_id="B"),
        ]
        transactions = [make_transaction(account, source, row) for row in rows]
        await world.transactions.add(transactions)
        await world.transactions.delete(transactions[1])

        assert await cash(world, account, NetWorthRange(MARCH[1], MARCH[1])) == ["96"]

    async def test_an_undone_import_does_not_count(self, world: World) -> None:
        account = await world.account()
        first = await import_statement(world, account, make_holding(FIRST, value="5"), day=MARCH[0])
        second = await import_statement(
            world, account, make_holding(FIRST, value="7"), day=MARCH[1]
        )
        older = make_snapshot(account, first, "100")
        newer = make_snapshot(account, second, "500", day=2)
        await world.balances.add([older, newer])
        today = NetWorthRange(MARCH[1], MARCH[1])
        assert (await worth(world, account, today)).items[0].total == 507

        await world.imports.mark_undone(second, at=datetime.now(UTC))

        assert (await worth(world, account, today)).items[0].total == 105

    async def test_the_available_balance_counts_for_an_investment_account_without_another(
        self, world: World
    ) -> None:
        account, checking = await investment(world), await world.account()
        source = await world.source(account)
        free = make_snapshot(account, source, "30", kind=BalanceKind.AVAILABLE)
        await world.balances.add([free])
        assert await cash(world, account, NetWorthRange(MARCH[0], MARCH[0])) == ["30"]

        await world.balances.add([make_snapshot(account, source, "20")])
        await world.balances.add([replace(free, money=Money(Decimal(31), "EUR"))])
        assert await cash(world, account, NetWorthRange(MARCH[0], MARCH[0])) == ["20"]

        source = await world.source(checking)
        for kind in (BalanceKind.AVAILABLE, BalanceKind.OPENING):
            await world.balances.add([make_snapshot(checking, source, kind=kind)])
        assert await worth(world, checking) == NetWorth([], [checking.id])

    async def test_adds_up_the_latest_complete_holdings(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding(FIRST, value="5"), day=MARCH[1])
        priced = make_holding(SECOND, "-3", None, price=Money(Decimal("0.3333333333"), "EUR"))
        bare = make_holding(THIRD, value=None)
        await import_statement(
            world, account, make_holding(FIRST, value="7"), priced, bare, day=MARCH[3]
        )
        await import_statement(world, account, make_holding(FIRST, value="1000"), day=None)
        await import_statement(world, account, day=MARCH[5])

        items = (await worth(world, account)).items

        found = [(each.day.day, each.holdings, each.unvalued) for each in items]
        full = (Decimal("6.0000000001"), 1)
        assert found == [(2, 5, 0), (3, 5, 0), (4, *full), (5, *full)]

    async def test_rounds_a_product_to_the_stored_decimals(self, world: World) -> None:
        account = await world.account()
        tiny, half = Money(Decimal("0.0000000001"), "EUR"), Decimal("0.5")
        for quantity, rounded in ((half, tiny.amount), (-half, -tiny.amount), (half / 2, 0)):
            await import_statement(
                world, account, make_holding(FIRST, str(quantity), None, price=tiny)
            )
            (item,) = (await worth(world, account, NetWorthRange(MARCH[0], MARCH[0]))).items
            assert item.holdings == rounded

    async def test_separates_currencies(self, world: World) -> None:
        account = await world.account()
        other = await another(world, account)
        source = await world.source(account)
        dollars = Money(Decimal(30), "USD")
        await world.balances.add([make_snapshot(account, source, "100")])
        await world.balances.add([make_snapshot(other, source, money=dollars)])
        await import_statement(
            world, other, make_holding(FIRST, value=None, price=dollars, quantity="2")
        )
        row = make_transaction(other, source, make_row(day=2), amount=dollars)
        await world.transactions.add([row])

        found = await worth(world, account, NetWorthRange(MARCH[0], MARCH[1]))

        assert found.items == [
            Worth(day=MARCH[0], currency="EUR", cash=Decimal(100)),
            Worth(day=MARCH[0], currency="USD", cash=Decimal(30), holdings=Decimal(60)),
            Worth(day=MARCH[1], currency="EUR", cash=Decimal(100)),
            Worth(day=MARCH[1], currency="USD", cash=Decimal(60), holdings=Decimal(60)),
        ]

    async def test_adds_accounts_up(self, world: World) -> None:
        account = await world.account()
        other = await another(world, account)
        source = await world.source(account)
        await world.balances.add([make_snapshot(account, source, "100")])
        await world.balances.add([make_snapshot(other, source, "-30", day=3)])
        await book(world, other, d2=["-5"])

        assert await cash(world, account, NetWorthRange(MARCH[0], MARCH[2])) == ["75", "70", "70"]

    async def test_lists_accounts_without_any_information(self, world: World) -> None:
        account = await world.account()
        other = await another(world, account)
        await world.balances.add([make_snapshot(account, await world.source(account))])
        await book(world, other, d1=["-5"])
        assert (await worth(world, account)).unknown_accounts == [other.id]

        await import_statement(world, other, make_holding(), day=None)
        assert (await worth(world, account)).unknown_accounts == [other.id]

        await import_statement(world, other, day=MARCH[3])
        assert (await worth(world, account)).unknown_accounts == []
        assert (
            await worth(world, account, NetWorthRange(MARCH[0], MARCH[2]))
        ).unknown_accounts == [other.id]

    async def test_an_account_with_only_undone_imports_is_unknown(self, world: World) -> None:
        account = await world.account()
        source = await import_statement(world, account, make_holding())
        await world.balances.add([make_snapshot(account, source)])
        assert (await worth(world, account)).unknown_accounts == []

        await world.imports.mark_undone(source, at=datetime.now(UTC))

        assert await worth(world, account) == NetWorth([], [account.id])

    async def test_shows_nothing_to_another_user(self, world: World) -> None:
        account = await world.account()
        await world.balances.add([make_snapshot(account, await world.source(account))])
        await import_statement(world, account, make_holding())
        stranger = (await world.user("eve@example.org")).id

        assert await world.net_worth.by_day(WEEK, owner=stranger) == Success(NetWorth([], []))
