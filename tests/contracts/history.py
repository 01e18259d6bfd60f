"""What every implementation of `TransactionHistory` must do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.ports import ListedTransaction, TransactionFilter, TransactionHistory
from domain.ledger.values import MatchResult
from domain.shared.ids import UserId, new_id
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import imported_row, make_row, make_transaction

MISSING = Failure(TransactionNotFound("No such transaction."))
LONG = timedelta(days=4000)


@dataclass(frozen=True)
class Past:
    """A history, and the way to let time pass: what comes later is later."""

    history: TransactionHistory
    moment: Callable[[], Awaitable[datetime]]


class TransactionHistoryContract:
    async def test_shows_the_past_version(self, world: World, past: Past) -> None:
        account, (first, second) = await self._imported(world)
        then = await past.moment()
        edited = replace(first, note="mine")
        await world.transactions.edit(edited)
        later = await past.moment()

        assert await self._listed(past, account, then) == [second, first]
        assert await self._listed(past, account, later) == [second, edited]
        assert await self._got(past, first, then) == Success(first)
        assert await self._got(past, first, later) == Success(edited)

    async def test_shows_what_was_deleted_later(self, world: World, past: Past) -> None:
        account, (first, second) = await self._imported(world)
        then = await past.moment()
        await world.transactions.delete(first)
        later = await past.moment()

        assert await self._listed(past, account, then) == [second, first]
        assert await self._got(past, first, then) == Success(first)
        assert await self._listed(past, account, later) == [second]
        assert await self._got(past, first, later) == MISSING

    async def test_shows_nothing_that_came_later(self, world: World, past: Past) -> None:
        account = await world.account()
        then = await past.moment()
        source = await world.source(account)
        row = make_transaction(account, source)
        await world.transactions.add([row])
        now = await past.moment()

        assert await self._listed(past, account, then) == []
        assert await self._got(past, row, then) == MISSING
        assert await self._listed(past, account, then - LONG) == []
        assert await self._listed(past, account, now) == [row]

    async def test_shows_the_past_status_and_what_was_restored_later(
        self, world: World, past: Past
    ) -> None:
        account = await world.account()
        source = await world.source(account)
        pending = make_transaction(account, source, make_row(pending=True, provider_id=None))
        booked = make_transaction(account, source, make_row(day=3), id=pending.id)
        await world.transactions.add([pending])
        await world.transactions.record_rows([imported_row(pending, MatchResult.NEW)])
        waited = await past.moment()
        await world.transactions.undo(source.id, owner=account.user_id)
        was_out = await past.moment()
        await world.transactions.update_from_import([booked])
        was_back = await past.moment()

        pages = [
            await self._listed(past, account, moment) for moment in (waited, was_out, was_back)
        ]
        assert pages == [[pending], [], [booked]]

    async def test_pages_through_the_past(self, world: World, past: Past) -> None:
        account, rows = await self._imported(world, count=6)
        then = await past.moment()
        for row in rows[::2]:
            await world.transactions.edit(replace(row, note="mine"))
        await world.transactions.delete(rows[1])
        await past.moment()

        listed: list[ListedTransaction] = []
        cursor: Cursor | None = None
        for _ in range(3):
            page = await self._page(past, account, then, after=cursor, limit=2)
            listed += page.items
            cursor = page.next

        assert cursor is None
        assert listed == rows[::-1]

    async def test_filters_by_past_values(self, world: World, past: Past) -> None:
        account, rows = await self._imported(world, count=4)
        then = await past.moment()
        moved = make_transaction(
            account, await world.source(account), make_row("-99.00", day=20), id=rows[1].id
        )
        await world.transactions.update_from_import([moved])
        now = await past.moment()
        late = TransactionFilter(booked_from=rows[2].booking_date)
        small = TransactionFilter(amount_to=rows[1].amount.amount, booked_to=rows[1].booking_date)

        assert await self._listed(past, account, then, late) == [rows[3], rows[2]]
        assert await self._listed(past, account, now, late) == [moved, rows[3], rows[2]]
        assert await self._listed(past, account, then, small) == [rows[1]]
        assert await self._listed(past, account, now, small) == []

    async def test_shows_nothing_to_another_user(self, world: World, past: Past) -> None:
        account, (first, _) = await self._imported(world)
        await world.transactions.edit(replace(first, note="mine"))
        now = await past.moment()
        stranger = UserId(new_id())

        assert await past.history.get(first.id, owner=stranger, at=now) == MISSING
        theirs = await past.history.page(
            account.id, owner=stranger, where=TransactionFilter(), after=None, limit=9, at=now
        )
        assert theirs == Success(Page([], None))

    async def _imported(self, world: World, count: int = 2) -> tuple[Account, list[Transaction]]:
        """Return an account and its transactions, oldest first."""
        account = await world.account()
        source = await world.source(account)
        days = range(1, count + 1)
        made = [make_row(f"-{day}.00", day=day, provider_id=f"F{day}") for day in days]
        rows = [make_transaction(account, source, row) for row in made]
        await world.transactions.add(rows)
        return account, rows

    async def _page(
        self,
        past: Past,
        account: Account,
        at: datetime,
        where: TransactionFilter | None = None,
        after: Cursor | None = None,
        limit: int = 9,
    ) -> Page[ListedTransaction]:
        page = await past.history.page(
            account.id,
            owner=account.user_id,
            where=where or TransactionFilter(),
            after=after,
            limit=limit,
            at=at,
        )
        assert isinstance(page, Success)
        return page.value

    async def _listed(
        self, past: Past, account: Account, at: datetime, where: TransactionFilter | None = None
    ) -> list[ListedTransaction]:
        return list((await self._page(past, account, at, where)).items)

    async def _got(self, past: Past, row: Transaction, at: datetime) -> object:
        return await past.history.get(row.id, owner=row.user_id, at=at)
