"""What every implementation of `ExchangeRateRepository` must do."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.ledger.exchange_rates import RateList, RateNotFound, RateSource
from domain.shared.ids import UserId
from domain.shared.pages import Page
from domain.shared.result import Failure, Success
from tests.contracts.world import World

DAYS = [date(2026, 3, day) for day in range(1, 10)]


def make_rates(
    owner: UserId,
    day: date = DAYS[0],
    source: RateSource = RateSource.ECB,
    base: str = "EUR",
    **rates: str,
) -> RateList:
    numbers = {code: Decimal(rate) for code, rate in (rates or {"USD": "1.0800"}).items()}
    return RateList(user_id=owner, day=day, base=base, source=source, rates=numbers)


class ExchangeRateRepositoryContract:
    async def test_finds_the_rates_of_some_days(self, world: World) -> None:
        owner = (await world.user()).id
        rate_lists = [make_rates(owner, day, USD=str(day.day)) for day in DAYS]
        typed = make_rates(owner, DAYS[2], RateSource.TYPED, "USD", EUR="0.9")
        assert await world.exchange_rates.upsert([]) == Success(None)
        assert await world.exchange_rates.upsert([*rate_lists, typed]) == Success(None)

        found = await world.exchange_rates.between(DAYS[1], DAYS[2], owner=owner)

        assert isinstance(found, Success)
        assert sorted(found.value, key=lambda each: (each.day, each.source)) == [
            *(rate_lists[1], rate_lists[2], typed)
        ]

    async def test_later_rates_of_a_day_are_added_and_replaced(self, world: World) -> None:
        owner = (await world.user()).id
        await world.exchange_rates.upsert([make_rates(owner, USD="1", GBP="2")])

        await world.exchange_rates.upsert([make_rates(owner, USD="3", CHF="4")])

        found = await world.exchange_rates.between(DAYS[0], DAYS[0], owner=owner)
        assert found == Success([make_rates(owner, USD="3", GBP="2", CHF="4")])

    async def test_deletes_one_rate_and_then_the_rest(self, world: World) -> None:
        owner = (await world.user()).id
        whole = make_rates(owner, USD="1", GBP="2")
        dollars, pounds = make_rates(owner, USD="1"), make_rates(owner, GBP="2")
        await world.exchange_rates.upsert([whole])

        assert await world.exchange_rates.delete(dollars) == Success(None)
        assert await world.exchange_rates.delete(dollars) == Failure(RateNotFound())
        found = await world.exchange_rates.between(DAYS[0], DAYS[0], owner=owner)
        assert found == Success([pounds])
        assert await world.exchange_rates.delete(pounds) == Success(None)
        assert await world.exchange_rates.between(DAYS[0], DAYS[0], owner=owner) == Success([])

    async def test_lists_pages_latest_day_first(self, world: World) -> None:
        owner = (await world.user()).id
        rate_lists = [make_rates(owner, day) for day in DAYS[:3]]
        await world.exchange_rates.upsert(rate_lists)

        page = await world.exchange_rates.page(owner=owner, after=None, limit=2)
        assert isinstance(page, Success)
        rest = await world.exchange_rates.page(owner=owner, after=page.value.next, limit=2)

        assert page.value.items == [rate_lists[2], rate_lists[1]]
        assert rest == Success(Page([rate_lists[0]], None))

    async def test_shows_and_changes_nothing_of_another_user(self, world: World) -> None:
        owner = (await world.user()).id
        stranger = (await world.user("eve@example.org")).id
        mine = make_rates(owner)
        await world.exchange_rates.upsert([mine])

        between = await world.exchange_rates.between(DAYS[0], DAYS[0], owner=stranger)
        page = await world.exchange_rates.page(owner=stranger, after=None, limit=9)
        deleted = await world.exchange_rates.delete(replace(mine, user_id=stranger))

        assert (between, page) == (Success([]), Success(Page([], None)))
        assert deleted == Failure(RateNotFound())
