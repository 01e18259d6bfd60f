"""Transactions over all accounts over HTTP: filters, orders, and cursors bound to them."""

from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from domain.shared.ids import new_id
from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement, transaction


async def _two_accounts(api: Api) -> tuple[str, str]:
    """Import five transactions into one account and one into another; return the accounts' ids."""
    await api.enter()
    ids = []
    salary = transaction("2000.00", "20260303", "S1", "Salary")
    for number, rows in (("100200300", days(5)), ("400500600", [salary])):
        done = (await api.upload(ofx(statement(*rows, number=number)))).json()
        ids.append(done["statements"][0]["account_id"])
    return ids[0], ids[1]


async def _amounts(api: Api, query: str) -> list[str]:
    reply = await api.get(f"transactions?{query}")
    assert reply.status_code == 200, reply.text
    return [row["amount"] for row in reply.json()["items"]]


async def test_has_the_transactions_of_all_accounts(api: Api) -> None:
    first, second = await _two_accounts(api)
    newest = ["-5.00", "-4.00", "2000.00", "-3.00", "-2.00", "-1.00"]

    assert await _amounts(api, "") == newest
    assert await _amounts(api, "sort=oldest") == newest[::-1]
    assert await _amounts(api, "sort=amount&limit=2") == ["-5.00", "-4.00"]
    assert await _amounts(api, "sort=-amount&limit=2") == ["2000.00", "-1.00"]
    assert await _amounts(api, f"account_id={second}") == ["2000.00"]
    assert await _amounts(api, f"account_id={first}&account_id={second}") == newest
    assert await _amounts(api, "as_of=2026-03-01") == ["-1.00"]


async def test_is_filtered_by_import_and_category(api: Api) -> None:
    _, second = await _two_accounts(api)
    (salary,) = (await api.get(f"accounts/{second}/transactions")).json()["items"]
    income = (await api.post("categories", {"name": "Income"})).json()
    edited = await api.patch(f"transactions/{salary['id']}", {"category_id": income["id"]})
    assert edited.status_code == 200

    assert await _amounts(api, f"import_id={salary['import_id']}") == ["2000.00"]
    assert await _amounts(api, "category=Income") == ["2000.00"]
    assert len(await _amounts(api, "category=")) == 5


async def test_lists_what_no_balances_reconcile(api: Api) -> None:
    await _two_accounts(api)

    # There is but one balance of each account, which nothing adds up to.
    assert len(await _amounts(api, "unreconciled=true")) == 6
    assert len(await _amounts(api, "unreconciled=false")) == 6


@pytest.mark.parametrize(
    "other",
    [
        *("sort=oldest", "status=posted", "amount_from=-100", "category=", "as_of=2026-03-04"),
        *("unreconciled=true", "date_to=2026-03-31"),
    ],
)
async def test_a_cursor_is_of_one_list(api: Api, other: str) -> None:
    await _two_accounts(api)
    cursor = (await api.get("transactions?limit=2")).json()["next_cursor"]

    assert len(await _amounts(api, f"limit=3&cursor={cursor}")) == 3
    refused = await api.get(f"transactions?{other}&limit=2&cursor={cursor}")

    assert problem_of(refused) == (422, "invalid-cursor")


async def test_a_cursor_of_one_account_is_not_one_of_all(api: Api) -> None:
    first, second = await _two_accounts(api)
    cursor = (await api.get(f"accounts/{first}/transactions?limit=2")).json()["next_cursor"]

    for path in ("transactions", f"accounts/{second}/transactions"):
        assert problem_of(await api.get(f"{path}?cursor={cursor}")) == (422, "invalid-cursor")
    # It is the same list.
    assert await _amounts(api, f"account_id={first}&cursor={cursor}") == ["-3.00", "-2.00", "-1.00"]


async def test_amounts_are_compared_as_numbers(api: Api) -> None:
    await _two_accounts(api)
    cursor = (await api.get("transactions?limit=1&amount_to=-2")).json()["next_cursor"]

    rest = await _amounts(api, f"amount_to=-2.00&cursor={cursor}")

    assert rest == ["-4.00", "-3.00", "-2.00"]


@pytest.mark.parametrize("query", ["sort=amount", "sort=oldest", "unreconciled=true"])
async def test_what_is_not_known_of_a_moment_is_refused(api: Api, query: str) -> None:
    await _two_accounts(api)

    reply = await api.get(f"transactions?as_of=2020-01-01T00:00:00Z&{query}")

    assert problem_of(reply) == (422, "invalid-as-of")
    assert (await api.get("transactions?as_of=2020-01-01T00:00:00Z")).json()["items"] == []


async def test_is_searched(api: Api) -> None:
    await _two_accounts(api)
    (salary,) = (await api.get("transactions?q=SAL")).json()["items"]
    assert salary["amount"] == "2000.00"

    assert await _amounts(api, "q=shop+4") == ["-4.00"]
    assert await _amounts(api, "q=4+shop") == ["-4.00"]
    assert await _amounts(api, "q=hop") == []
    assert await _amounts(api, "q=shop&sort=amount&limit=1") == ["-5.00"]
    assert await _amounts(api, "q=shop&amount_from=-2") == ["-2.00", "-1.00"]
    first = (await api.get("transactions?q=shop&limit=2")).json()
    assert await _amounts(api, f"q=shop&cursor={first['next_cursor']}") == [
        "-3.00",
        "-2.00",
        "-1.00",
    ]
    refused = await api.get(f"transactions?q=shops&cursor={first['next_cursor']}")
    assert problem_of(refused) == (422, "invalid-cursor")


@pytest.mark.parametrize("text", ["", "%20", "!%2F*", "a+" * 11, "x" * 256])
async def test_a_search_needs_words(api: Api, text: str) -> None:
    await api.enter()

    assert problem_of(await api.get(f"transactions?q={text}")) == (422, "invalid-query")


async def test_a_search_finds_nothing_of_others(api: Api) -> None:
    await _two_accounts(api)
    eve = await Api().enter("eve@example.org")

    assert (await eve.get("transactions?q=shop")).json()["items"] == []
    assert (await eve.get("transactions?q=shop&sort=amount")).json()["items"] == []


async def test_has_totals_on_request(api: Api) -> None:
    _, second = await _two_accounts(api)
    total = {"currency": "EUR", "count": 6, "incoming": "2000.00", "outgoing": "-15.00"}

    assert (await api.get("transactions?totals=true&limit=1")).json()["totals"] == [total]
    assert (await api.get(f"accounts/{second}/transactions?totals=true")).json()["totals"] == [
        {**total, "count": 1, "outgoing": "0.00"}
    ]
    assert (await api.get("transactions?totals=true&q=shop&date_from=2026-03-04")).json()[
        "totals"
    ] == [{**total, "count": 2, "incoming": "0.00", "outgoing": "-9.00"}]
    assert (await api.get("transactions?totals=true&q=nobody")).json()["totals"] == []
    assert "totals" not in (await api.get("transactions")).json()


async def test_many_are_edited_as_one_entry(api: Api) -> None:
    await _two_accounts(api)
    shops = (await api.get("transactions?q=shop")).json()["items"]
    ids = [row["id"] for row in shops]
    shopping = (await api.post("categories", {"name": "Shopping"})).json()["id"]

    reply = await api.patch("transactions", {"ids": [*ids, ids[0]], "category_id": shopping})

    assert reply.status_code == 204
    assert await _amounts(api, "category=Shopping&sort=oldest") == [
        f"-{day}.00" for day in range(1, 6)
    ]
    edits = AuditEntryModel.objects.filter(action="transactions.edited")
    (entry,) = [each async for each in edits]
    assert sorted(entry.details["transaction_ids"]) == sorted(ids)
    assert entry.details["fields"] == ["category"]


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "note": "x"},
        {"ids": [str(new_id())]},
        {"note": "x"},
        {"ids": [str(new_id())] * 501, "note": "x"},
        {"ids": [str(new_id())], "note": None},
        {"ids": ["7"], "note": "x"},
    ],
)
async def test_what_changes_nothing_is_refused(api: Api, body: dict[str, Any]) -> None:
    await api.enter()

    assert problem_of(await api.patch("transactions", body)) == (422, "invalid-body")


async def test_none_is_edited_if_one_is_missing(api: Api) -> None:
    await _two_accounts(api)
    rows = (await api.get("transactions")).json()["items"]
    ids = [rows[0]["id"], str(new_id())]

    refused = await api.patch("transactions", {"ids": ids, "note": "seen"})

    assert problem_of(refused) == (404, "transaction-not-found")
    assert (await api.get("transactions")).json()["items"] == rows
