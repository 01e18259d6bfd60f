"""The balance of each day over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.shared.ids import new_id
from tests.api.client import Api, problem_of
from tests.api.test_holdings import at
from tests.statements import days, ofx, statement, transaction

MARCH = "<LEDGERBAL><BALAMT>100.00<DTASOF>20260331</LEDGERBAL>"


async def account(api: Api, *files: bytes) -> str:
    """Import files of one account, and return its id."""
    await api.enter()
    for file in files:
        assert (await api.upload(file)).status_code == 201
    account_id: str = (await api.get("accounts")).json()["items"][0]["id"]
    return account_id


async def balances(api: Api, account_id: str, query: str = "") -> dict[str, Any]:
    response = await api.get(f"accounts/{account_id}/balances?{query}")
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


async def test_each_day_has_a_balance(api: Api) -> None:
    later = transaction("-30.00", "20260402", "A1", "Shoes")
    account_id = await account(api, ofx(statement(later, balance=MARCH)))

    body = await balances(api, account_id, "date_from=2026-03-31&date_to=2026-04-02")

    stated = {"currency": "EUR", "kind": "booked", "stated_on": "2026-03-31"}
    assert body == {
        "items": [
            {**stated, "day": "2026-04-02", "amount": "70.00", "source": "derived"},
            {**stated, "day": "2026-04-01", "amount": "100.00", "source": "derived"},
            {**stated, "day": "2026-03-31", "amount": "100.00", "source": "stated"},
        ],
        "next_cursor": None,
    }


async def test_pages_have_every_day_once_from_the_first_known_one(api: Api) -> None:
    account_id = await account(api, ofx(statement(*days(5), balance=MARCH)))
    whole = await balances(api, account_id, "limit=500&date_to=2026-04-03")
    assert [each["day"] for each in whole["items"]][-1] == "2026-03-01"
    assert len(whole["items"]) == 34

    for limit in (1, 7, 33, 34):
        query = f"limit={limit}&date_to=2026-04-03"
        body = await balances(api, account_id, query)
        items = body["items"]
        while body["next_cursor"]:
            body = await balances(api, account_id, f"{query}&cursor={body['next_cursor']}")
            items += body["items"]
        assert items == whole["items"]


async def test_currencies_are_listed_beside_each_other(api: Api) -> None:
    foreign = transaction("-3.00", "20260302", "D1", "Diner").replace(
        "<NAME>", "<CURRENCY><CURRATE>1<CURSYM>USD</CURRENCY><NAME>"
    )
    account_id = await account(api, ofx(statement(foreign, balance=MARCH)))

    first = await balances(api, account_id, "date_to=2026-03-31&limit=3")
    rest = await balances(
        api, account_id, f"date_to=2026-03-31&limit=1&cursor={first['next_cursor']}"
    )

    assert [(each["day"], each["currency"], each["source"]) for each in first["items"]] == [
        ("2026-03-31", "EUR", "stated"),
        ("2026-03-31", "USD", "unknown"),
        ("2026-03-30", "EUR", "derived"),
    ]
    assert (rest["items"][0]["day"], rest["items"][0]["currency"]) == ("2026-03-30", "USD")
    assert rest["items"][0]["amount"] is None
    shown = (await api.get(f"accounts/{account_id}?as_of=2026-03-31")).json()
    assert shown["balance"] == first["items"][0]
    assert shown["other_balances"] == [first["items"][1]]
    worth = (await api.get("net-worth?as_of=2026-03-31")).json()
    assert worth["items"][-1]["cash"] == "100.00"
    assert worth["unknown_currencies"] == [{"account_id": account_id, "currency": "USD"}]


async def test_an_instant_shows_what_was_known(committing_database: str) -> None:
    api = Api(delivers=True)
    account_id = await account(api, ofx(statement(*days(3), balance=MARCH)))
    later = transaction("-30.00", "20260402", "A1", "Shoes")
    before = datetime.now(UTC)
    added = await api.upload(ofx(statement(later, balance="")))
    between = datetime.now(UTC)
    (row, *_) = (await api.get(f"accounts/{account_id}/transactions")).json()["items"]
    assert added.status_code == 201
    assert (await api.delete(f"transactions/{row['id']}")).status_code == 204

    for moment, amount in (
        (at(before), "100.00"),
        (at(between), "70.00"),
        (at(datetime.now(UTC)), "100.00"),
    ):
        body = await balances(api, account_id, f"{moment}&limit=1")
        assert body["items"][0]["amount"] == amount
        worth = (await api.get(f"net-worth?{moment}")).json()
        assert worth["items"][-1]["cash"] == amount
        shown = (await api.get(f"accounts/{account_id}?{moment}")).json()
        assert shown["balance"] == body["items"][0]


async def test_the_balance_of_an_account_is_that_of_net_worth(api: Api) -> None:
    account_id = await account(api, ofx(statement(*days(5), balance=MARCH)))

    for day in ("2026-02-01", "2026-03-03", "2026-03-31", "2026-06-01"):
        shown = (await api.get(f"accounts/{account_id}?as_of={day}")).json()["balance"]
        worth = (await api.get(f"net-worth?date_from={day}&date_to={day}")).json()["items"]
        listed = await balances(api, account_id, f"date_from={day}&date_to={day}")
        assert [shown] == listed["items"]
        assert shown["amount"] == worth[0]["cash"]


async def test_an_account_without_a_stated_balance_has_none(api: Api) -> None:
    account_id = await account(api, ofx(statement(transaction(), balance="")))

    today = datetime.now(UTC).date()
    body = await balances(api, account_id, f"date_from={today - timedelta(days=1)}")

    assert {(each["amount"], each["source"]) for each in body["items"]} == {(None, "unknown")}
    assert (await api.get(f"accounts/{account_id}")).json()["balance"] is None


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_any_day_can_be_asked_for(api: Api, day: str) -> None:
    account_id = await account(api, ofx(statement(*days(2), balance=MARCH)))

    body = await balances(api, account_id, f"date_from={day}&date_to={day}")

    assert [each["day"] for each in body["items"]] == [day]


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("date_from=2026-03-02&date_to=2026-03-01", "invalid-period"),
        ("date_from=yesterday", "invalid-query"),
        ("cursor=AAAA", "invalid-cursor"),
        ("limit=501", "invalid-query"),
    ],
)
async def test_an_impossible_question_is_refused(api: Api, query: str, kind: str) -> None:
    await api.enter()

    response = await api.get(f"accounts/{new_id()}/balances?{query}")

    assert problem_of(response) == (422, kind)
