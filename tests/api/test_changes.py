"""The change feed over HTTP, on a database that commits."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.persistence.plain import connect
from domain.ledger.changes import FeedCursor
from tests.adapters.persistence.replica import current_history
from tests.adapters.statements.ofx_investments import (
    LISTED,
    file,
    investment,
    position,
    secid,
    trade,
)
from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement


@pytest.fixture
def committing(committing_database: str) -> Api:
    return Api(delivers=True)


async def changes(api: Api, query: str = "") -> Any:
    response = await api.get(f"changes{query}")
    assert response.status_code == 200, response.text
    return response.json()


async def pages(api: Api, limit: int) -> AsyncIterator[Any]:
    """Yield items one after another, read so many at a time."""
    more, cursor = True, ""
    while more:
        page = await changes(api, f"?limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        for item in page["items"]:
            yield item
        more, cursor = page["has_more"], page["next_cursor"]


async def test_lists_the_changes_of_an_import_in_order(committing: Api) -> None:
    await committing.enter()
    await committing.upload(ofx(statement(*days(2))))

    page = await changes(committing)

    listed = [(item["resource"], item["change"], item["version"]) for item in page["items"]]
    assert listed == [
        ("account", "added", 1),
        ("transaction", "added", 1),
        ("transaction", "added", 1),
        ("balance", "added", 1),
    ]
    account, first, *_, balance = page["items"]
    assert account["account"]["number"] == "100200300"
    assert account["id"] == first["account_id"] == balance["account_id"]
    assert first["transaction"]["amount"] in ("-1.00", "-2.00")
    assert first["balance"] is None
    assert balance["balance"]["amount"] == "100.00"
    assert not page["has_more"]


async def test_lists_securities_traded_and_held(committing: Api) -> None:
    await committing.enter()
    bought = trade("BUYSTOCK", "<UNITS>3.50<UNITPRICE>10.250<TOTAL>-35.88")
    fee = trade("INVEXPENSE", "<TOTAL>-5").replace(secid("100000001"), "")
    listed = position(more="<AVGCOSTBASIS>40.00")
    await committing.upload(file(investment(bought + fee, listed), LISTED).encode())

    page = await changes(committing)

    security = {
        "scheme": "CUSIP",
        "number": "100000001",
        "name": "Northern Rail",
        "ticker": "NRL",
    }
    told = {
        item["transaction"]["provider_id"]: item["transaction"]["trade"]
        for item in page["items"]
        if item["resource"] == "transaction"
    }
    assert told == {
        "BUYSTOCK1": {"security": security, "quantity": "3.5", "unit_price": "10.25"},
        "INVEXPENSE1": None,
    }
    (holding,) = [item["holding"] for item in page["items"] if item["resource"] == "holding"]
    assert holding["security"] == security
    assert (holding["quantity"], holding["price"], holding["value"]) == ("10", "5.50", "55.00")


async def test_an_empty_page_has_a_cursor(committing: Api) -> None:
    await committing.enter()
    nothing = await changes(committing)
    assert (nothing["items"], nothing["has_more"]) == ([], False)
    await committing.upload(ofx(statement(*days(1))))
    some = await changes(committing, f"?cursor={nothing['next_cursor']}")
    assert len(some["items"]) == 3
    none = await changes(committing, f"?cursor={some['next_cursor']}")
    assert (none["items"], none["next_cursor"]) == ([], some["next_cursor"])


async def test_lists_edits_deletions_and_undone_imports(committing: Api) -> None:
    await committing.enter()
    done = (await committing.upload(ofx(statement(*days(2))))).json()
    before = await changes(committing)
    edited, deleted = [each["id"] for each in before["items"][1:3]]
    await committing.patch(f"transactions/{edited}", {"note": "gift"})
    await committing.delete(f"transactions/{deleted}")
    await committing.delete(f"imports/{done['id']}")
    await committing.upload(ofx(statement(*days(2))))

    page = await changes(committing, f"?cursor={before['next_cursor']}")

    listed = [(item["id"], item["change"], item["version"]) for item in page["items"]]
    balance = before["items"][3]["id"]
    assert listed[:5] == [
        (edited, "modified", 2),
        (deleted, "removed", 2),
        (edited, "removed", 3),
        (balance, "removed", 2),
        (edited, "added", 4),
    ]
    assert [item["resource"] for item in page["items"][5:]] == ["balance"]
    assert page["items"][0]["transaction"]["note"] == "gift"
    assert page["items"][1]["transaction"] is None
    assert page["items"][3]["balance"] is None
    assert page["items"][4]["transaction"]["note"] == "gift"


async def test_lists_each_of_many_that_are_edited_at_once(committing: Api) -> None:
    await committing.enter()
    await committing.upload(ofx(statement(*days(3))))
    before = await changes(committing)
    ids = [each["id"] for each in before["items"] if each["resource"] == "transaction"]

    await committing.patch("transactions", {"ids": ids, "note": "Food"})

    page = await changes(committing, f"?cursor={before['next_cursor']}")
    modified = {each["id"]: each["transaction"]["note"] for each in page["items"]}
    assert modified == dict.fromkeys(ids, "Food")


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
async def test_pages_of_any_size_list_the_same(committing: Api, limit: int) -> None:
    await committing.enter()
    for some in (days(3), days(5)):
        done = (await committing.upload(ofx(statement(*some)))).json()
    await committing.delete(f"imports/{done['id']}")
    await committing.upload(ofx(statement(*days(6))))
    whole = (await changes(committing, "?limit=500"))["items"]

    assert len(whole) > 10
    assert [item async for item in pages(committing, limit)] == whole


async def test_another_user_sees_nothing(committing: Api) -> None:
    await committing.enter()
    await committing.upload(ofx(statement(*days(2))))
    eve = await Api(delivers=True).enter("eve@example.org")

    page = await changes(eve)
    cursor = (await changes(committing, "?limit=1"))["next_cursor"]

    assert page["items"] == []
    assert (await changes(eve, f"?cursor={cursor}"))["items"] == []


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("cursor=", "invalid-cursor"),
        ("cursor=nonsense", "invalid-cursor"),
        ("cursor=" + "A" * 40, "invalid-cursor"),
        ("limit=0", "invalid-query"),
        ("limit=501", "invalid-query"),
        ("since=1", "invalid-query"),
    ],
)
async def test_an_invalid_query_is_refused(api: Api, query: str, kind: str) -> None:
    await api.enter()

    assert problem_of(await api.get(f"changes?{query}")) == (422, kind)


async def test_a_cursor_of_a_later_state_is_refused(api: Api) -> None:
    await api.enter()
    later = replace(FeedCursor.beginning(current_history()), position=2**60)

    assert problem_of(await api.get(f"changes?cursor={later}")) == (409, "cursor-ahead")


async def test_after_a_restore_an_old_cursor_is_refused_even_if_positions_have_passed_it(
    committing: Api,
) -> None:
    await committing.enter()
    await committing.upload(ofx(statement(*days(2))))
    cursor = (await changes(committing))["next_cursor"]

    with connect() as connection:
        connection.execute("SELECT guard.begin_history('restore')")
    await committing.upload(ofx(statement(*days(4))))

    refused = await committing.get(f"changes?cursor={cursor}")
    assert problem_of(refused) == (409, "history-changed")
    assert refused.json()["detail"] == (
        "A new history of the ledger has begun, after a restore or a promotion."
        " Read it again from the beginning."
    )
    second = await changes(committing)
    assert [item["resource"] for item in second["items"]].count("transaction") == 4
    assert (await changes(committing, f"?cursor={second['next_cursor']}"))["items"] == []
