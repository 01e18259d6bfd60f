"""What every implementation must do with holdings, and with questions about the past."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.ledger.as_of import NOW, AsOf
from domain.ledger.days import Days
from domain.ledger.entities import Account, Holding
from domain.ledger.imports import StatementImport
from domain.ledger.values import Security, StatedHolding
from domain.shared.money import Money
from domain.shared.result import Success
from tests.contracts.ledger import stated_balances
from tests.contracts.world import World
from tests.factories import (
    make_account,
    make_connection,
    make_holding,
    make_import,
    make_snapshot,
)

FIRST, SECOND, THIRD = "XX0000000001", "XX0000000002", "XX0000000003"
MARCH = [date(2026, 3, day) for day in range(1, 32)]


async def import_statement(
    world: World, account: Account, *holdings: StatedHolding, day: date | None = MARCH[0]
) -> StatementImport:
    """Add an import whose statement has these positions, as a complete list if it has a day."""
    source = make_import(account.user_id, account.id)
    statement = replace(source.statements[0], holdings_day=day)
    source = replace(source, statements=[statement])
    added = await world.holdings.add(statement.id, source.id, account, holdings)
    assert added == Success(None)
    assert await world.imports.add(source) == Success(None)
    return source


async def holdings(
    world: World, account: Account, *, as_of: AsOf = NOW, of_all: bool = False
) -> Sequence[Holding]:
    found = await world.holdings.page(
        owner=account.user_id,
        account_id=None if of_all else account.id,
        as_of=as_of,
        after=None,
        limit=50,
    )
    assert isinstance(found, Success)
    return found.value


async def numbers(world: World, account: Account, *, as_of: AsOf = NOW) -> list[str]:
    return [each.security.number for each in await holdings(world, account, as_of=as_of)]


async def another(world: World, account: Account) -> Account:
    """Return one more account of the same user."""
    connection = make_connection(account.user_id, "Southbroker")
    assert await world.connections.add(connection) == Success(None)
    other = make_account(connection, "700800900", institution="Southbroker")
    assert await world.accounts.add(other) == Success(None)
    return other


async def a_moment() -> datetime:
    """Return a time at which nothing else happens: clocks have microseconds."""
    await asyncio.sleep(0.001)
    moment = datetime.now(UTC)
    await asyncio.sleep(0.001)
    return moment


class HoldingRepositoryContract:
    async def test_returns_what_was_added(self, world: World) -> None:
        account = await world.account()
        stated = make_holding(
            FIRST,
            "-0.0000000001",
            "12345678901234567.1234567891",
            price=Money(Decimal("0.10"), "EUR"),
            cost_basis=Money(Decimal(7), "EUR"),
            line=33,
        )
        source = await import_statement(world, account, stated)

        (holding,) = await holdings(world, account)

        assert holding == Holding.of(
            stated,
            id=holding.id,
            account=account,
            import_id=source.id,
            statement_id=source.statements[0].id,
            security_id=holding.security_id,
        )

    async def test_missing_values_are_null(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding(value=None))

        (holding,) = await holdings(world, account)

        assert (holding.price, holding.value, holding.cost_basis) == (None, None, None)
        assert holding.currency == account.currency

    async def test_a_sold_position_is_closed(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding(FIRST), make_holding(SECOND))
        await import_statement(world, account, make_holding(SECOND), day=MARCH[4])

        assert await numbers(world, account) == [SECOND]

    async def test_an_empty_list_closes_all_positions(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding())
        await import_statement(world, account, day=MARCH[4])

        assert await holdings(world, account) == []

    async def test_an_older_statement_that_arrives_later_changes_nothing(
        self, world: World
    ) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding(FIRST), day=MARCH[4])
        await import_statement(world, account, make_holding(SECOND), day=MARCH[3])

        assert await numbers(world, account) == [FIRST]

    async def test_the_latest_of_two_lists_for_a_day_counts(self, world: World) -> None:
        account = await world.account()
        for number in (SECOND, THIRD, FIRST):
            await import_statement(world, account, make_holding(number))

        assert await numbers(world, account) == [FIRST]

    async def test_an_incomplete_list_replaces_no_complete_one(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding(FIRST), make_holding(SECOND))
        await import_statement(world, account, make_holding(SECOND, day=MARCH[9]), day=None)

        assert await numbers(world, account) == [FIRST, SECOND]

    async def test_an_undone_import_does_not_count(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding(FIRST))
        later = await import_statement(world, account, day=MARCH[4])
        assert await numbers(world, account) == []

        await world.imports.mark_undone(later, at=await a_moment())

        assert await numbers(world, account) == [FIRST]

    async def test_each_account_has_positions_of_its_own(self, world: World) -> None:
        account = await world.account()
        other = await another(world, account)
        await import_statement(world, account, make_holding(FIRST))
        await import_statement(world, other, make_holding(SECOND), day=MARCH[4])

        assert await numbers(world, account) == [FIRST]
        assert await numbers(world, other) == [SECOND]
        of_all = await holdings(world, account, of_all=True)
        assert {each.account_id for each in of_all} == {account.id, other.id}

    async def test_shows_nothing_to_another_user(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding())
        stranger = (await world.user("eve@example.org")).id
        ask = world.holdings.page

        assert await ask(owner=stranger, after=None, limit=9) == Success([])
        found = await ask(owner=stranger, account_id=account.id, after=None, limit=9)
        assert found == Success([])

    @pytest.mark.parametrize("limit", [1, 2, 3, 4])
    async def test_pages_meet_without_gap_or_overlap(self, world: World, limit: int) -> None:
        account = await world.account()
        await import_statement(
            world, account, *(make_holding(each) for each in (FIRST, SECOND, THIRD, FIRST))
        )
        whole = await holdings(world, account)
        listed: list[Holding] = []
        while len(listed) < len(whole):
            page = await world.holdings.page(
                owner=account.user_id, after=listed[-1].id if listed else None, limit=limit
            )
            assert isinstance(page, Success)
            assert 0 < len(page.value) <= limit
            listed += page.value

        assert listed == whole
        assert len(whole) == 4

    async def test_equal_identifiers_share_a_security(self, world: World) -> None:
        account = await world.account()
        other = await another(world, account)
        cusip = Security(scheme="CUSIP", number=FIRST)
        await import_statement(world, account, make_holding(FIRST), make_holding(FIRST))
        await import_statement(
            world, other, make_holding(FIRST), make_holding(FIRST, security=cusip)
        )

        of_all = await holdings(world, account, of_all=True)

        assert len({each.security_id for each in of_all}) == 2
        assert len(of_all) == 4

    async def test_a_name_is_added_and_never_removed(self, world: World) -> None:
        account = await world.account()
        bare = Security(scheme="ISIN", number=FIRST)
        for name, ticker in (("", "OLD"), ("World fund", ""), ("", "NEW"), ("", "")):
            await import_statement(
                world, account, make_holding(security=replace(bare, name=name, ticker=ticker))
            )

        (holding,) = await holdings(world, account)

        assert holding.security == replace(bare, name="World fund", ticker="NEW")

    async def test_the_last_of_two_names_in_a_statement_counts(self, world: World) -> None:
        account = await world.account()
        bare = Security(scheme="ISIN", number=FIRST)
        securities = [replace(bare, name=name) for name in ("Old name", "New name", "")]
        await import_statement(
            world, account, *(make_holding(security=each) for each in securities)
        )

        assert {each.security.name for each in await holdings(world, account)} == {"New name"}

    async def test_users_do_not_share_securities(self, world: World) -> None:
        hers, his = await world.account(), await world.account("bob@example.org")
        await import_statement(world, hers, make_holding())
        await import_statement(
            world, his, make_holding(security=Security(scheme="ISIN", number=FIRST))
        )
        await import_statement(world, hers, make_holding(), day=MARCH[4])

        (one,), (other,) = await holdings(world, hers), await holdings(world, his)

        assert one.security_id != other.security_id
        assert (one.security.name, other.security.name) == ("Fund 1", "")

    async def test_adding_none_adds_nothing(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, day=None)

        assert await holdings(world, account) == []


class LookingBackContract:
    async def test_a_date_selects_the_list_of_that_day(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding(FIRST), day=MARCH[4])
        await import_statement(world, account, make_holding(SECOND), day=MARCH[9])
        then = {day: await numbers(world, account, as_of=AsOf(day=MARCH[day])) for day in range(12)}

        assert {day for day, listed in then.items() if listed == []} == {0, 1, 2, 3}
        assert {day for day, listed in then.items() if listed == [FIRST]} == {4, 5, 6, 7, 8}
        assert {day for day, listed in then.items() if listed == [SECOND]} == {9, 10, 11}

    async def test_a_date_uses_what_is_known_today(self, world: World) -> None:
        account = await world.account()
        await import_statement(world, account, make_holding(FIRST), day=MARCH[4])
        wrong = await import_statement(world, account, make_holding(SECOND), day=MARCH[5])
        await world.imports.mark_undone(wrong, at=await a_moment())

        assert await numbers(world, account, as_of=AsOf(day=MARCH[6])) == [FIRST]

    async def test_an_instant_uses_what_was_known_of_holdings(self, world: World) -> None:
        account = await world.account()
        before = await a_moment()
        await import_statement(world, account, make_holding(FIRST), day=MARCH[4])
        between = await a_moment()
        later = await import_statement(world, account, make_holding(SECOND), day=MARCH[9])
        with_both = await a_moment()
        await world.imports.mark_undone(later, at=(undone := await a_moment()))

        past = [
            await numbers(world, account, as_of=AsOf(moment=moment))
            for moment in (before, between, with_both, undone, await a_moment())
        ]

        assert past == [[], [FIRST], [SECOND], [FIRST], [FIRST]]

    async def test_a_date_limits_balances(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        first, second = make_snapshot(account, source, day=1), make_snapshot(account, source, day=5)
        await world.balances.add([first, second])
        before = AsOf(day=date(2026, 2, 28))

        for day, found in ((AsOf(day=MARCH[3]), [first]), (before, [])):
            assert await stated_balances(world, account, day) == found

    async def test_an_instant_uses_what_was_known_of_balances(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        older, newer = make_snapshot(account, first, "1"), make_snapshot(account, second, "2")
        before = await a_moment()
        await world.balances.add([older])
        between = await a_moment()
        await world.balances.add([newer])
        with_both = await a_moment()
        await world.imports.mark_undone(second, at=(undone := await a_moment()))

        known = []
        for moment in (before, between, with_both, undone):
            stated = await stated_balances(world, account, AsOf(moment=moment))
            balances = await world.daily_balances.by_day(
                Days(MARCH[0], MARCH[0]), owner=account.user_id, moment=moment
            )
            assert isinstance(balances, Success)
            known.append(([each.amount for each in balances.value], len(stated)))

        one, two = Decimal(1), Decimal(2)
        assert known == [([], 0), ([one], 1), ([two], 2), ([one], 1)]
