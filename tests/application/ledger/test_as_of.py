"""Transactions as of a day or a moment, with ports in memory."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from dashtam.application.ledger.transactions import ListTransactions, ShowTransaction
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.ports import TransactionFilter
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.factories import make_row, make_transaction

MISSING = Failure(TransactionNotFound("No such transaction."))


class Past:
    """An account with two transactions, one of which was edited after a moment."""

    def __init__(self, app: Application, account: Account, rows: list[Transaction]) -> None:
        self.app, self.account, self.rows = app, account, rows
        self.moment: datetime

    @classmethod
    async def made(cls, app: Application) -> "Past":
        account = await app.world.account()
        source = await app.world.source(account)
        rows = [
            make_transaction(account, source, make_row(day=day, provider_id=f"F{day}"))
            for day in (1, 5)
        ]
        past = cls(app, account, rows)
        await app.world.transactions.add(rows)
        past.moment = app.history.moment()
        await app.world.transactions.edit(replace(rows[1], note="gift"))
        return past

    async def list_rows(self, as_of: AsOf, booked_to: date | None = None) -> object:
        page = await self.app.use(ListTransactions)(
            account_id=self.account.id,
            user_id=self.account.user_id,
            where=TransactionFilter(booked_to=booked_to),
            after=None,
            limit=10,
            as_of=as_of,
        )
        return list(page.value.items) if isinstance(page, Success) else page

    async def show(self, row: Transaction, as_of: AsOf) -> object:
        return await self.app.use(ShowTransaction)(
            transaction_id=row.id, user_id=row.user_id, as_of=as_of
        )


@pytest.mark.parametrize(("day", "count"), [(4, 1), (5, 2), (28, 2)])
async def test_a_date_limits_what_is_known_today(app: Application, day: int, count: int) -> None:
    past = await Past.made(app)
    first, second = past.rows[0], replace(past.rows[1], note="gift")

    assert await past.list_rows(AsOf(day=date(2026, 3, day))) == [second, first][-count:]


async def test_a_date_does_not_widen_the_filter(app: Application) -> None:
    past = await Past.made(app)

    list_rows = await past.list_rows(AsOf(day=date(2026, 3, 28)), booked_to=date(2026, 3, 4))

    assert list_rows == [past.rows[0]]


async def test_an_instant_shows_what_was_known(app: Application) -> None:
    past = await Past.made(app)
    as_of = AsOf(moment=past.moment)

    assert await past.list_rows(as_of) == past.rows[::-1]
    assert await past.show(past.rows[1], as_of) == Success(past.rows[1])
    assert await past.show(past.rows[1], NOW) == Success(replace(past.rows[1], note="gift"))


async def test_a_transaction_booked_later_is_not_found(app: Application) -> None:
    past = await Past.made(app)
    day = AsOf(day=date(2026, 3, 4))

    assert await past.show(past.rows[1], day) == MISSING
    assert await past.show(past.rows[0], day) == Success(past.rows[0])
    assert app.trail == [("transaction.view", "failure"), ("transaction.viewed", "success")]


async def test_reading_the_past_is_audited_alike(app: Application) -> None:
    past = await Past.made(app)
    await past.list_rows(AsOf(moment=past.moment))
    await past.show(past.rows[0], AsOf(moment=past.moment))

    assert app.trail == [("transactions.viewed", "success"), ("transaction.viewed", "success")]
    assert app.announced == []


@pytest.mark.parametrize("method", ["page", "get"])
async def test_an_outage_is_reported(
    app: Application, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    past = await Past.made(app)
    outage = Failure(Unavailable("The database is not available."))

    async def fail(*args: object, **kwargs: object) -> object:
        return outage

    monkeypatch.setattr(app.history, method, fail)
    as_of = AsOf(moment=past.moment)

    result = await (past.list_rows(as_of) if method == "page" else past.show(past.rows[0], as_of))

    assert result == outage
    assert [entry.details for entry in app.store.entries] == [{"error": "unavailable"}]


@pytest.mark.parametrize(
    ("requested", "day", "bound"),
    [(None, None, None), (3, None, 3), (None, 4, 4), (3, 4, 3), (4, 3, 3)],
)
def test_a_filter_cannot_reach_beyond_the_date(
    requested: int | None, day: int | None, bound: int | None
) -> None:
    def march(number: int | None) -> date | None:
        return date(2026, 3, number) if number else None

    where = TransactionFilter(booked_to=march(requested)).until(march(day))

    assert where == TransactionFilter(booked_to=march(bound))
