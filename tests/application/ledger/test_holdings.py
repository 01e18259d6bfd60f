"""Positions come in with their statement, go with its import, and are read by their owner."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from dashtam.application.ledger.holdings import ListHoldings, ShowNetWorth
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.entities import Holding
from domain.ledger.errors import AccountNotFound, InvalidPeriod
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.net_worth import NetWorth
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId, new_id
from domain.shared.pages import IdCursor, IdPage
from domain.shared.result import Failure, Success
from tests.application.conftest import Application
from tests.contracts.holdings import FIRST, SECOND, import_statement
from tests.factories import make_holding
from tests.ports import with_ports
from tests.position_reader import PositionReader

OUTAGE = Failure(Unavailable("The database is not available."))
MARCH = f"""POSITIONS 500 investment EUR 2026-03-01
balance available 100.00 2026-03-01
row 2026-03-01 -5.00 T1
holding {FIRST} 10 120.00
holding {SECOND} 2 -
"""
APRIL = f"""POSITIONS 500 investment EUR 2026-04-01
row 2026-03-10 10.00 T2
holding {SECOND} 3 45.00
"""


class Broker:
    """A user who imports statements of a broker."""

    def __init__(self, app: Application, user_id: UserId) -> None:
        self.app = app
        self.user_id = user_id
        reading = with_ports(app.use_cases, statement_readers=[PositionReader()])
        self.import_pipeline = reading.use(ImportPipeline)

    async def import_file(self, text: str) -> StatementImport:
        done = await self.import_pipeline(
            ImportRequest(user_id=self.user_id, file_name="positions.txt", content=text.encode())
        )
        assert isinstance(done, Success)
        return done.value

    async def listed_holdings(self) -> Sequence[Holding]:
        page = await self.app.use(ListHoldings)(user_id=self.user_id, limit=50)
        assert isinstance(page, Success)
        return page.value.items


@pytest.fixture
def broker(app: Application) -> Broker:
    return Broker(app, UserId(new_id()))


async def test_an_import_stores_the_positions_of_its_statement(broker: Broker) -> None:
    done = await broker.import_file(MARCH)

    holdings = await broker.listed_holdings()

    (statement,) = done.statements
    assert statement.holdings_day == date(2026, 3, 1)
    assert {each.statement_id for each in holdings} == {statement.id}
    assert {each.import_id for each in holdings} == {done.id}
    assert [(each.security.number, each.value) for each in holdings] == [
        (FIRST, 120),
        (SECOND, None),
    ]


async def test_a_position_that_is_no_longer_listed_is_closed_until_undo(broker: Broker) -> None:
    await broker.import_file(MARCH)
    april = await broker.import_file(APRIL)
    assert [each.security.number for each in await broker.listed_holdings()] == [SECOND]

    await broker.app.use(UndoImport)(import_id=april.id, user_id=broker.user_id)

    assert [each.security.number for each in await broker.listed_holdings()] == [FIRST, SECOND]


async def test_importing_a_file_twice_duplicates_nothing(broker: Broker) -> None:
    for _ in range(2):
        await broker.import_file(MARCH)

    assert len(await broker.listed_holdings()) == 2


async def test_a_preview_stores_nothing(broker: Broker) -> None:
    await broker.import_pipeline.preview(
        ImportRequest(user_id=broker.user_id, file_name="positions.txt", content=MARCH.encode())
    )

    assert await broker.listed_holdings() == []
    assert broker.app.store.securities == {}


async def test_an_outage_stores_nothing(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*args: object, **kwargs: object) -> object:
        return OUTAGE

    monkeypatch.setattr(broker.app.world.holdings, "add", fail)

    done = await broker.import_pipeline(
        ImportRequest(user_id=broker.user_id, file_name="positions.txt", content=MARCH.encode())
    )

    assert done == OUTAGE
    assert (broker.app.store.imports, broker.app.store.transactions) == ({}, {})


async def test_a_page_has_the_cursor_of_the_next(app: Application) -> None:
    account = await app.world.account()
    await import_statement(app.world, account, *(make_holding(f"XX{n}") for n in range(3)))
    ask, owner = app.use(ListHoldings), account.user_id

    whole = await ask(user_id=owner, limit=3)
    first = await ask(user_id=owner, limit=2)

    assert isinstance(whole, Success)
    assert isinstance(first, Success)
    items = whole.value.items
    assert (len(items), whole.value.next) == (3, None)
    assert first == Success(IdPage(items[:2], IdCursor(items[1].id)))
    rest = await ask(user_id=owner, after=items[1].id, limit=2)
    assert rest == Success(IdPage(items[2:], None))


async def test_net_worth_is_cash_plus_holdings(broker: Broker) -> None:
    await broker.import_file(MARCH)
    await broker.import_file(APRIL)

    net_worth = await broker.app.use(ShowNetWorth)(user_id=broker.user_id)

    assert isinstance(net_worth, Success)
    last = net_worth.value.items[-1]
    assert (last.day, last.unvalued) == (date(2026, 3, 14), 1)
    assert (last.cash, last.holdings) == (Decimal(110), Decimal(120))
    first = net_worth.value.items[0]
    assert first.day == date(2026, 2, 13)
    assert (first.cash, first.total) == (Decimal(105), Decimal(105))


async def test_reading_is_audited_and_not_announced(app: Application) -> None:
    account = await app.world.account()
    owner = account.user_id

    await app.use(ListHoldings)(user_id=owner, limit=5)
    await app.use(ListHoldings)(user_id=owner, account_id=account.id, limit=5)
    await app.use(ShowNetWorth)(user_id=owner)

    assert app.trail == [
        *[("holdings.viewed", "success")] * 2,
        ("net_worth.viewed", "success"),
    ]
    assert [entry.resource_id for entry in app.store.entries] == [None, account.id, None]
    assert [entry.details for entry in app.store.entries] == [{"count": 0}] * 2 + [{"days": 30}]
    assert app.announced == []


async def test_another_user_sees_nothing(app: Application) -> None:
    account = await app.world.account()
    await import_statement(app.world, account, make_holding())
    stranger = UserId(new_id())

    of_account = await app.use(ListHoldings)(user_id=stranger, account_id=account.id, limit=5)

    assert of_account == Failure(AccountNotFound("No such account."))
    assert app.trail == [("holdings.view", "failure")]
    assert await app.use(ListHoldings)(user_id=stranger, limit=5) == Success(IdPage([], None))
    assert await app.use(ShowNetWorth)(user_id=stranger) == Success(NetWorth([], []))


async def test_impossible_dates_are_refused(app: Application) -> None:
    user = await app.world.user()

    net_worth = await app.use(ShowNetWorth)(user_id=user.id, first=date(2020, 1, 1))

    assert net_worth == Failure(InvalidPeriod("At most 366 days can be requested at once."))
    assert app.trail == [("net_worth.view", "failure")]


@pytest.mark.parametrize(
    ("port", "method"), [("accounts", "get"), ("holdings", "page"), ("net_worth", "by_day")]
)
async def test_an_outage_is_reported(
    app: Application, monkeypatch: pytest.MonkeyPatch, port: str, method: str
) -> None:
    account = await app.world.account()

    async def fail(*args: object, **kwargs: object) -> object:
        return OUTAGE

    monkeypatch.setattr(getattr(app.world, port), method, fail)
    net_worth = (
        await app.use(ShowNetWorth)(user_id=account.user_id)
        if port == "net_worth"
        else await app.use(ListHoldings)(user_id=account.user_id, account_id=account.id, limit=5)
    )

    assert net_worth == OUTAGE
    assert [entry.details for entry in app.store.entries] == [{"error": "unavailable"}]
