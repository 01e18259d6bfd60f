"""Exchange rates: what is stored, and the audit entry of each use."""

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashtam.application.ledger.exchange_rates import (
    DeleteExchangeRate,
    ImportExchangeRates,
    ListExchangeRates,
    SetExchangeRate,
)
from dashtam.application.ledger.holdings import ShowNetWorth
from domain.ledger.exchange_rates import ImportedRates, RateKey, RateNotFound, UnreadableRates
from domain.shared.errors import DomainError, Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success
from tests.adapters.rates.test_ecb import CSV
from tests.application.conftest import Application
from tests.factories import make_snapshot

OUTAGE = Failure(Unavailable("The database is not available."))
KEY = RateKey(date(2026, 3, 2), "USD", "EUR")

Use = Callable[[Application, UserId], Awaitable[Result[Any, DomainError]]]

USES: dict[str, Use] = {
    "between": lambda app, user: app.use(ShowNetWorth)(user_id=user, currency="EUR"),
    "page": lambda app, user: app.use(ListExchangeRates)(user_id=user, limit=5),
    "upsert": lambda app, user: app.use(ImportExchangeRates)(user_id=user, content=CSV),
    "delete": lambda app, user: app.use(DeleteExchangeRate)(user_id=user, key=KEY),
}


async def test_a_file_is_imported_and_listed(app: Application) -> None:
    user = (await app.world.user()).id

    done = await app.use(ImportExchangeRates)(user_id=user, content=CSV)
    listed = await app.use(ListExchangeRates)(user_id=user, limit=5)

    days = date(2026, 3, 2), date(2026, 3, 3)
    assert done == Success(ImportedRates(days=2, rates=3, first_day=days[0], last_day=days[1]))
    assert isinstance(listed, Success)
    assert [rate_list.day for rate_list in listed.value.items] == [days[1], days[0]]
    assert app.trail == [
        ("exchange_rates.imported", "success"),
        ("exchange_rates.viewed", "success"),
    ]


async def test_nothing_of_an_unreadable_file_is_stored(app: Application) -> None:
    user = (await app.world.user()).id

    refused = await app.use(ImportExchangeRates)(user_id=user, content=b"no rates")

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, UnreadableRates)
    assert app.store.exchange_rates == {}
    assert app.trail == [("exchange_rates.import", "failure")]


async def test_a_typed_rate_converts_net_worth_until_it_is_deleted(app: Application) -> None:
    account = await app.world.account()
    user, source = account.user_id, await app.world.source(account)
    await app.world.balances.add([make_snapshot(account, source, "100", day=2)])

    async def total() -> Decimal:
        worth = await app.use(ShowNetWorth)(
            user_id=user, first=KEY.day, last=KEY.day, currency="USD"
        )
        assert isinstance(worth, Success)
        return worth.value.converted[0].total

    assert await total() == 0
    typed = await app.use(SetExchangeRate)(user_id=user, key=KEY, rate=Decimal("0.8"))
    assert isinstance(typed, Success)
    assert await total() == 125
    assert await app.use(DeleteExchangeRate)(user_id=user, key=KEY) == Success(None)
    assert await total() == 0
    again = await app.use(DeleteExchangeRate)(user_id=user, key=KEY)
    assert again == Failure(RateNotFound())


@pytest.mark.parametrize("method", USES)
async def test_an_outage_is_reported(
    app: Application, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    user = (await app.world.user()).id

    async def fail(*args: object, **kwargs: object) -> object:
        return OUTAGE

    monkeypatch.setattr(app.world.exchange_rates, method, fail)

    assert await USES[method](app, user) == OUTAGE
    assert [entry.details for entry in app.store.entries] == [{"error": "unavailable"}]
