"""Transactions by hand over HTTP."""

from typing import Any

import pytest

from tests.api.client import Api, Reply, problem_of
from tests.statements import ofx, statement, transaction

RENT = transaction("-900.00", "20260301", "R1", "Rent")
COFFEE = {"booking_date": "2026-03-03", "amount": "-4.50", "payee": "Coffee house"}


async def entered() -> tuple[Api, str]:
    """Return a user with an account, and the address of its transactions."""
    api = await Api(delivers=True).enter()
    await api.upload(ofx(statement(RENT)))
    (account,) = (await api.get("accounts")).json()["items"]
    return api, f"accounts/{account['id']}/transactions"


async def patch(api: Api, row: str, **changes: Any) -> Reply:
    return await api.call(
        "patch", f"transactions/{row}", data=changes, content_type="application/json"
    )


async def test_a_transaction_is_added(api: Api) -> None:
    api, address = await entered()

    reply = await api.post(
        address, {**COFFEE, "memo": "Two cups", "note": "with Grace", "kind": "cash"}
    )

    assert reply.status_code == 201
    body = reply.json()
    row = body["transaction"]
    assert reply.headers["Location"].endswith(f"/transactions/{row['id']}")
    assert (body["suggested"], body["raw"], row["amount"]) == (0, {}, "-4.50")
    assert (row["description"], row["note"]) == ("Coffee house Two cups", "with Grace")
    assert row["kind"] == "cash"
    assert row in (await api.get(address)).json()["items"]
    (made,) = (await api.get("imports?by_hand=true&limit=1")).json()["items"]
    assert (made["id"], made["format"]) == (row["import_id"], "by_hand")
    assert "by_hand" not in {e["format"] for e in (await api.get("imports")).json()["items"]}


@pytest.mark.parametrize(
    "body",
    [
        {"booking_date": "2026-03-03"},
        {"amount": "-4.50"},
        {**COFFEE, "amount": "much"},
        {**COFFEE, "amount": "1E+30"},
        {**COFFEE, "booking_date": "1404-03-03"},
        {**COFFEE, "booking_date": 20260303},
        {**COFFEE, "amount": -4.5},
        {**COFFEE, "kind": "theft"},
        {**COFFEE, "currency": "USD"},
    ],
)
async def test_what_is_no_transaction_is_refused(api: Api, body: dict[str, Any]) -> None:
    api, address = await entered()

    assert problem_of(await api.post(address, body)) == (422, "invalid-body")


async def test_what_was_written_is_changed(api: Api) -> None:
    api, address = await entered()
    row = (await api.post(address, COFFEE)).json()["transaction"]
    moment = (await api.get(address)).json()["items"]

    reply = await patch(api, row["id"], amount="-5.00", booking_date="2026-03-04", note="mine")

    assert reply.status_code == 200
    now = reply.json()["transaction"]
    assert now == {
        **row,
        "amount": "-5.00",
        "booking_date": "2026-03-04",
        "note": "mine",
        "import_id": now["import_id"],
    }
    listed = (await api.get(address)).json()["items"]
    assert now in listed
    assert len(listed) == len(moment)


async def test_what_a_bank_states_is_not_changed(api: Api) -> None:
    api, address = await entered()
    (rent,) = (await api.get(address)).json()["items"]

    refused = await patch(api, rent["id"], amount="-1.00", note="mine")

    assert problem_of(refused) == (409, "not-written-by-hand")
    assert (await api.get(address)).json()["items"] == [rent]


async def test_it_is_undone_and_imported_again(api: Api) -> None:
    api, address = await entered()
    row = (await api.post(address, COFFEE)).json()["transaction"]
    await api.delete(f"imports/{row['import_id']}")
    assert len((await api.get(address)).json()["items"]) == 1

    again = await api.call("post", f"imports/{row['import_id']}/reimport")

    assert again.status_code == 201
    (coffee, _) = (await api.get(address)).json()["items"]
    assert coffee == {**row, "import_id": again.json()["id"]}


async def test_it_is_in_exports_and_no_statement(api: Api) -> None:
    api, address = await entered()
    await api.post(address, COFFEE)

    export = (await api.get("export?format=csv")).text
    statements = (await api.get(address.replace("transactions", "statements"))).json()["items"]

    assert "Coffee house" in export
    assert len(statements) == 1


async def test_the_feed_tells_each_change_once(committing_database: str) -> None:
    api, address = await entered()
    start = (await api.get("changes")).json()["next_cursor"]
    row = (await api.post(address, COFFEE)).json()["transaction"]
    await patch(api, row["id"], amount="-5.00")
    await api.delete(f"transactions/{row['id']}")

    items = (await api.get(f"changes?cursor={start}")).json()["items"]

    assert [(each["change"], each["id"]) for each in items] == [
        ("added", row["id"]),
        ("modified", row["id"]),
        ("removed", row["id"]),
    ]
    assert [each["transaction"]["amount"] for each in items[:2]] == ["-4.50", "-5.00"]


async def test_the_past_shows_what_was_known(committing_database: str) -> None:
    api, address = await entered()
    row = (await api.post(address, COFFEE)).json()["transaction"]
    (change,) = [
        each for each in (await api.get("changes")).json()["items"] if each["id"] == row["id"]
    ]
    then = change["recorded_at"].replace("+", "%2B")
    await patch(api, row["id"], amount="-5.00")

    past = await api.get(f"transactions/{row['id']}?as_of={then}")

    assert past.json()["transaction"]["amount"] == "-4.50"
