"""What every implementation of balances by day must do; `net_worth` has more of their rules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from domain.ledger.balances import BalanceSource, DailyBalance
from domain.ledger.days import Days
from domain.ledger.entities import Account
from domain.ledger.imports import StatementImport
from domain.ledger.kinds import BalanceKind
from domain.ledger.values import StatedBalance
from domain.shared.ids import UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Success
from tests.contracts.holdings import MARCH, a_moment, another
from tests.contracts.net_worth import book, investment
from tests.contracts.world import World
from tests.factories import make_import, make_row, make_snapshot, make_transaction

WEEK = Days(MARCH[0], MARCH[6])
STATED, DERIVED = BalanceSource.STATED, BalanceSource.DERIVED


async def by_day(
    world: World, account: Account, days: Days = WEEK, moment: datetime | None = None
) -> Sequence[DailyBalance]:
    found = await world.daily_balances.by_day(
        days, owner=account.user_id, account_id=account.id, moment=moment
    )
    assert isinstance(found, Success)
    return found.value


class DailyBalanceRepositoryContract:
    async def test_tells_stated_from_derived_balances(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        stated = [("100", 2), ("200", 4)]
        await world.balances.add(
            [make_snapshot(account, source, amount, day=day) for amount, day in stated]
        )
        await book(world, account, d2=["5"], d3=["-1"], d5=["-3"])

        found = await by_day(world, account, Days(MARCH[0], MARCH[4]))

        assert [
            (each.day.day, each.amount, each.source, each.stated_on and each.stated_on.day)
            for each in found
        ] == [
            (5, Decimal(197), DERIVED, 4),
            (4, Decimal(200), STATED, 4),
            (3, Decimal(99), DERIVED, 2),
            (2, Decimal(100), STATED, 2),
            (1, Decimal(95), DERIVED, 2),
        ]
        assert {(each.account_id, each.currency) for each in found} == {(account.id, "EUR")}

    async def test_a_currency_without_a_stated_balance_is_unknown(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        await world.balances.add([make_snapshot(account, source, "100")])
        dollars = Money(Decimal(-3), "USD")
        row = make_transaction(account, source, make_row(day=20), amount=dollars)
        await world.transactions.add([row])

        euros, unknown = await by_day(world, account, Days(MARCH[0], MARCH[0]))

        assert (euros.currency, euros.source) == ("EUR", STATED)
        assert unknown == DailyBalance(account_id=account.id, day=MARCH[0], currency="USD")
        assert unknown.source is BalanceSource.UNKNOWN

    async def test_an_account_without_transactions_and_balances_has_none(
        self, world: World
    ) -> None:
        account = await world.account()
        rows = [make_row(day=2, provider_id="P", pending=True), make_row(provider_id="D")]
        source = await world.source(account)
        transactions = [make_transaction(account, source, row) for row in rows]
        await world.transactions.add(transactions)
        await world.transactions.delete(transactions[1])

        assert await by_day(world, account) == []

    async def test_an_investment_account_may_have_an_available_balance(self, world: World) -> None:
        account = await investment(world)
        free = make_snapshot(account, await world.source(account), "30", kind=BalanceKind.AVAILABLE)
        await world.balances.add([free])

        (found,) = await by_day(world, account, Days(MARCH[1], MARCH[1]))

        assert (found.amount, found.kind, found.source) == (
            Decimal(30),
            BalanceKind.AVAILABLE,
            DERIVED,
        )

    async def test_a_statement_of_the_same_day_may_go_on_from_a_balance(self, world: World) -> None:
        account = await world.account()
        morning, evening = await world.source(account), _statement(account, "100", "80")
        assert await world.imports.add(evening) == Success(None)
        await world.balances.add([make_snapshot(account, evening, "80")])
        await world.balances.add([make_snapshot(account, morning, "100")])

        (found,) = await by_day(world, account, Days(MARCH[0], MARCH[0]))

        assert found.amount == 80

        await world.imports.mark_undone(evening, at=datetime.now(UTC))
        (found,) = await by_day(world, account, Days(MARCH[0], MARCH[0]))
        assert found.amount == 100

    async def test_lists_all_accounts_of_a_user(self, world: World) -> None:
        account = await world.account()
        other = await another(world, account)
        source = await world.source(account)
        balances = [make_snapshot(account, source, "1"), make_snapshot(other, source, "2", day=9)]
        await world.balances.add(balances)

        found = await world.daily_balances.by_day(Days(MARCH[0], MARCH[1]), owner=account.user_id)

        assert isinstance(found, Success)
        ids = sorted([account.id, other.id])
        assert [each.account_id for each in found.value] == [ids[0], ids[0], ids[1], ids[1]]
        assert {(each.account_id, each.amount) for each in found.value} == {
            (account.id, Decimal(1)),
            (other.id, Decimal(2)),
        }

    async def test_finds_the_first_day(self, world: World) -> None:
        account = await world.account()
        owner = account.user_id
        assert await world.daily_balances.first_day(account.id, owner=owner) == Success(None)
        source = await world.source(account)
        await world.balances.add([make_snapshot(account, source, day=5)])
        assert await world.daily_balances.first_day(account.id, owner=owner) == Success(MARCH[4])

        await book(world, account, d3=["-1"])

        assert await world.daily_balances.first_day(account.id, owner=owner) == Success(MARCH[2])

    async def test_an_instant_uses_the_balances_that_were_known(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        before = await a_moment()
        await world.balances.add([make_snapshot(account, first, "1")])
        between = await a_moment()
        await world.balances.add([make_snapshot(account, second, "2", day=2)])
        after = await a_moment()
        await world.imports.mark_undone(second, at=(undone := await a_moment()))

        found = [
            [each.amount for each in await by_day(world, account, Days(MARCH[1], MARCH[1]), then)]
            for then in (before, between, after, undone, await a_moment())
        ]

        assert found == [[], [1], [2], [1], [1]]
        owner, days = account.user_id, world.daily_balances
        assert await days.first_day(account.id, owner=owner, moment=before) == Success(None)
        assert await days.first_day(account.id, owner=owner, moment=after) == Success(MARCH[0])

    async def test_shows_nothing_to_another_user(self, world: World) -> None:
        account = await world.account()
        await world.balances.add([make_snapshot(account, await world.source(account))])
        await book(world, account, d1=["-5"])
        stranger = (await world.user("eve@example.org")).id

        for owner in (stranger, UserId(new_id())):
            for account_id in (account.id, None):
                found = await world.daily_balances.by_day(WEEK, owner=owner, account_id=account_id)
                assert found == Success([])
            first = await world.daily_balances.first_day(account.id, owner=owner)
            assert first == Success(None)


def _statement(account: Account, opening: str, closing: str) -> StatementImport:
    """Return an import of a statement of one day."""
    source = make_import(account.user_id, account.id)
    opened, closed = (
        StatedBalance(kind=kind, money=Money(Decimal(amount), "EUR"), day=date(2026, 3, 1))
        for kind, amount in ((BalanceKind.OPENING, opening), (BalanceKind.BOOKED, closing))
    )
    return replace(
        source, statements=[replace(source.statements[0], opening=opened, closing=closed)]
    )
