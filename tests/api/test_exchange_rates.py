"""Exchange rates over HTTP, and net worth in one currency."""

import pytest

from tests.adapters.rates.test_ecb import CSV, DAILY
from tests.api.client import Api, problem_of
from tests.api.test_holdings import DOLLARS, MARCH, UNKNOWN, import_file
from tests.statements import ofx, statement, transaction

WEEK = "date_from=2026-03-01&date_to=2026-03-03"


async def test_a_file_of_the_ecb_is_imported(api: Api) -> None:
    await api.enter()

    done = await api.upload(CSV, path="exchange-rates/import", name="eurofxref-hist.csv")
    again = await api.upload(DAILY, path="exchange-rates/import", name="daily.xml")

    assert done.json() == {
        "days": 2,
        "rates": 3,
        "first_day": "2026-03-02",
        "last_day": "2026-03-03",
    }
    assert again.json()["days"] == 1
    first = (await api.get("exchange-rates?limit=1")).json()
    rest = (await api.get(f"exchange-rates?cursor={first['next_cursor']}")).json()
    ecb = {"base": "EUR", "source": "ecb"}
    assert first["items"] == [
        {**ecb, "day": "2026-03-03", "rates": {"JPY": "162.5", "USD": "1.08"}}
    ]
    assert rest["items"] == [{**ecb, "day": "2026-03-02", "rates": {"USD": "1.075"}}]


async def test_another_file_is_refused(api: Api) -> None:
    await api.enter()

    refused = await api.upload(ofx(statement(transaction())), path="exchange-rates/import")

    assert problem_of(refused) == (422, "unreadable-rates")
    assert (await api.get("exchange-rates")).json() == {"items": [], "next_cursor": None}


async def test_a_rate_is_typed_changed_and_deleted(api: Api) -> None:
    await api.enter()
    path = "exchange-rates/2026-03-02/USD/EUR"

    for rate in ("0.91", "0.92"):
        typed = await api.put(path, {"rate": rate})
        assert typed.status_code == 200
    assert typed.json() == (await api.get("exchange-rates")).json()["items"][0]
    assert typed.json()["rates"] == {"EUR": "0.92"}

    assert (await api.delete(path)).status_code == 204
    assert problem_of(await api.delete(path)) == (404, "rate-not-found")
    assert (await api.get("exchange-rates")).json()["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("2026-02-30/USD/EUR", {"rate": "1"}, "invalid-rate"),
        ("2026-03-01/USD/USD", {"rate": "1"}, "invalid-rate"),
        ("2026-03-01/USD/ABC", {"rate": "1"}, "invalid-rate"),
        ("2026-03-01/USD/EUR", {"rate": "0"}, "invalid-rate"),
        ("2026-03-01/USD/EUR", {"rate": 1}, "invalid-body"),
    ],
)
async def test_an_impossible_rate_is_refused(
    api: Api, path: str, body: dict[str, object], kind: str
) -> None:
    await api.enter()

    assert problem_of(await api.put(f"exchange-rates/{path}", body)) == (422, kind)


async def test_net_worth_is_converted_and_says_how(api: Api) -> None:
    await api.enter()
    await import_file(api, MARCH, DOLLARS, UNKNOWN)
    await api.upload(CSV, path="exchange-rates/import")

    body = (await api.get(f"net-worth?{WEEK}&currency=eur")).json()

    assert [(each["day"], each["total"], each["is_complete"]) for each in body["converted"]] == [
        ("2026-03-01", "220.00", True),
        ("2026-03-02", "226.74", True),
        ("2026-03-03", "221.71", True),
    ]
    assert body["converted"][2]["parts"] == [
        {"amount": "215.00", "currency": "EUR", "converted": "215.00", "rate": None},
        {
            "amount": "7.25",
            "currency": "USD",
            "converted": "6.71",
            "rate": {"rate": "0.925925925926", "day": "2026-03-03", "sources": ["ecb"]},
        },
    ]
    assert len(body["unknown_accounts"]) == 1
    assert body["items"] == (await api.get(f"net-worth?{WEEK}")).json()["items"]


async def test_what_has_no_rate_is_listed_and_not_in_the_total(api: Api) -> None:
    await api.enter()
    await import_file(api, MARCH, DOLLARS)

    path = "net-worth?date_from=2026-03-02&date_to=2026-03-02&currency=EUR"
    (day,) = (await api.get(path)).json()["converted"]

    assert (day["total"], day["is_complete"]) == ("220.00", False)
    assert day["parts"][1] == {
        "amount": "7.25",
        "currency": "USD",
        "converted": None,
        "rate": None,
    }


async def test_a_confirmed_exchange_has_a_rate(api: Api) -> None:
    await api.enter()
    out = transaction("-90.00", "20260302", "E1", "Exchange")
    into = transaction("100.00", "20260302", "D1", "Exchange")
    euros = "<LEDGERBAL><BALAMT>10.00<DTASOF>20260302</LEDGERBAL>"
    dollars = "<LEDGERBAL><BALAMT>100.00<DTASOF>20260302</LEDGERBAL>"
    await api.upload(ofx(statement(out, balance=euros, number="1")))
    foreign = ofx(statement(into, balance=dollars, number="2")).replace(b">EUR", b">USD")
    assert (await api.upload(foreign)).status_code == 201
    legs = {}
    for account in (await api.get("accounts")).json()["items"]:
        (row,) = (await api.get(f"accounts/{account['id']}/transactions")).json()["items"]
        legs["outgoing_id" if row["amount"].startswith("-") else "incoming_id"] = row["id"]
    decided = await api.post("transfers", {**legs, "decision": "confirmed"})
    assert decided.status_code == 201

    path = "net-worth?date_from=2026-03-02&date_to=2026-03-02&currency=EUR"
    (day,) = (await api.get(path)).json()["converted"]

    assert (day["total"], day["is_complete"]) == ("100.00", True)
    assert day["parts"][1]["rate"]["sources"] == ["transaction"]

    assert (await api.delete(f"transfers/{decided.json()['id']}")).status_code == 204
    (day,) = (await api.get(path)).json()["converted"]
    assert day["is_complete"] is False


@pytest.mark.parametrize("currency", ["XXX", "euro", ""])
async def test_a_currency_has_to_be_one(api: Api, currency: str) -> None:
    await api.enter()

    assert problem_of(await api.get(f"net-worth?currency={currency}")) == (422, "invalid-query")


async def test_another_user_has_none(locked: str) -> None:
    ada = await Api().enter()
    await import_file(ada, MARCH, DOLLARS)
    await ada.put("exchange-rates/2026-03-02/USD/EUR", {"rate": "0.5"})
    eve = await Api().enter("eve@example.org")
    await import_file(eve, MARCH, DOLLARS)

    assert (await eve.get("exchange-rates")).json()["items"] == []
    body = (await eve.get(f"net-worth?{WEEK}&currency=EUR")).json()
    assert [each["is_complete"] for each in body["converted"]] == [True, False, False]
    assert problem_of(await eve.delete("exchange-rates/2026-03-02/USD/EUR"))[0] == 404
