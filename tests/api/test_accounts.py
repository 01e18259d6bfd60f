"""Accounts with names: shown whole to their owner, changed, closed, deleted, added by hand."""

from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement

GONE = "00000000-0000-7000-8000-000000000000"


async def one(api: Api) -> dict[str, Any]:
    """Import a statement, and return its account."""
    await api.enter()
    await api.upload(ofx(statement(*days(3))))
    (account,) = (await api.get("accounts")).json()["items"]
    found: dict[str, Any] = account
    return found


async def test_an_account_has_a_name_and_shows_its_whole_number(api: Api) -> None:
    account = await one(api)

    assert account["name"].endswith("checking 0300")
    assert account["number"] == "100200300"
    assert account["version"] == 1
    assert (account["opened_on"], account["closed_on"], account["hidden"]) == (None, None, False)
    assert account["created_at"].endswith("Z")
    assert account["freshness"]["latest_day"] == "2026-03-31"
    assert account["freshness"]["imported_at"].endswith("Z")
    assert account["reconciliation"]["state"] in ("balanced", "unknown")


async def test_looking_back_shows_no_freshness(api: Api) -> None:
    account = await one(api)

    then = (await api.get(f"accounts/{account['id']}?as_of=2026-03-01")).json()

    assert (then["freshness"], then["reconciliation"]) == (None, None)


async def test_the_institution_is_a_name_and_the_routing_number_is_beside_it(api: Api) -> None:
    await api.enter()
    file = ofx(statement(*days(1))).replace(
        b"<OFX>", b"<OFX><SONRS><FI><ORG>Northbank</FI></SONRS>"
    )
    await api.upload(file)
    # The same account in a file that does not say who the bank is.
    await api.upload(ofx(statement(*days(2))))

    (account,) = (await api.get("accounts")).json()["items"]

    assert account["institution"] == "Northbank"
    assert account["routing_number"] == (await one_bank_id(api))
    assert account["name"] == "Northbank checking 0300"


async def one_bank_id(api: Api) -> str:
    """Return the code of the bank that statements of these tests name."""
    text = ofx(statement(*days(1))).decode()
    return text.partition("<BANKID>")[2].partition("<")[0].strip()


async def test_an_account_is_renamed_hidden_and_closed(api: Api) -> None:
    account = await one(api)
    path = f"accounts/{account['id']}"

    renamed = await api.patch(path, {"name": "  Every   day "})
    closed = await api.patch(
        path, {"hidden": True, "opened_on": "2020-01-01", "closed_on": "2026-04-01"}
    )
    shown = (await api.get(path)).json()
    reopened = await api.patch(path, {"closed_on": None, "kind": "savings"})

    assert renamed.status_code == 200
    assert renamed.json() == {**account, "name": "Every day", "version": 2}
    assert closed.json() == shown
    assert (shown["hidden"], shown["closed_on"], shown["version"]) == (True, "2026-04-01", 3)
    assert reopened.json() == {**shown, "closed_on": None, "kind": "savings", "version": 4}


async def test_the_same_again_is_no_change(api: Api) -> None:
    account = await one(api)

    again = await api.patch(f"accounts/{account['id']}", {"name": account["name"]})

    assert again.json() == account


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "invalid-body"),
        ({"name": None}, "invalid-body"),
        ({"name": ""}, "invalid-body"),
        ({"name": "  "}, "invalid-account"),
        ({"name": "x" * 256}, "invalid-body"),
        ({"kind": "wallet"}, "invalid-body"),
        ({"hidden": "yes"}, "invalid-body"),
        ({"opened_on": "yesterday"}, "invalid-body"),
        ({"opened_on": 20200101}, "invalid-body"),
        ({"number": "1"}, "invalid-body"),
        ({"opened_on": "2026-02-01", "closed_on": "2026-01-31"}, "invalid-account"),
    ],
)
async def test_what_an_account_cannot_be_is_refused(
    api: Api, body: dict[str, Any], kind: str
) -> None:
    account = await one(api)

    refused = await api.patch(f"accounts/{account['id']}", body)

    assert problem_of(refused) == (422, kind)
    assert (await api.get(f"accounts/{account['id']}")).json() == account


async def test_the_trail_has_no_name(api: Api) -> None:
    account = await one(api)

    await api.patch(f"accounts/{account['id']}", {"name": "Secret wallet"})

    entry = await AuditEntryModel.objects.aget(action="account.changed")
    assert entry.details == {"fields": ["name"]}
    assert str(entry.resource_id) == account["id"]


async def test_an_account_with_anything_in_it_is_not_deleted(api: Api) -> None:
    account = await one(api)

    refused = await api.delete(f"accounts/{account['id']}")

    assert problem_of(refused) == (409, "account-not-empty")
    for word in ("transactions", "balances", "statements"):
        assert word in refused.json()["detail"]


async def test_an_account_is_deleted_once_its_imports_are_undone(api: Api) -> None:
    await api.enter()
    done = (await api.upload(ofx(statement(*days(2))))).json()
    account_id = done["statements"][0]["account_id"]
    await api.delete(f"imports/{done['id']}")

    deleted = await api.delete(f"accounts/{account_id}")

    assert deleted.status_code == 204
    assert (await api.get("accounts")).json()["items"] == []
    for path in ("", "/transactions", "/balances", "/statements", "/continuity"):
        assert (await api.get(f"accounts/{account_id}{path}")).status_code == 404
    assert (await api.delete(f"accounts/{account_id}")).status_code == 404
    worth = (await api.get("net-worth?date_from=2026-03-01&date_to=2026-03-02")).json()
    assert worth["unknown_accounts"] == []


async def test_a_statement_of_a_deleted_account_adds_a_new_one(api: Api) -> None:
    await api.enter()
    first = (await api.upload(ofx(statement(*days(2))))).json()
    former = first["statements"][0]["account_id"]
    await api.delete(f"imports/{first['id']}")
    await api.delete(f"accounts/{former}")

    again = (await api.upload(ofx(statement(*days(2))))).json()

    (account,) = (await api.get("accounts")).json()["items"]
    assert again["new"] == 2
    assert account["id"] == again["statements"][0]["account_id"] != former


async def test_an_account_is_added_by_hand(api: Api) -> None:
    await api.enter()

    added = await api.post(
        "accounts",
        {"name": "Cash", "kind": "other", "currency": "EUR", "opened_on": "2026-01-01"},
    )

    assert added.status_code == 201
    account = added.json()
    assert added.headers["Location"] == f"/api/v1/accounts/{account['id']}"
    assert (await api.get(f"accounts/{account['id']}")).json() == account
    assert (account["name"], account["number"], account["institution"]) == ("Cash", "", "")
    assert (account["opened_on"], account["balance"]) == ("2026-01-01", None)
    assert account["freshness"] == {"latest_day": None, "imported_at": None}


async def test_a_statement_finds_an_account_that_was_added_by_hand(api: Api) -> None:
    await api.enter()
    bank = await one_bank_id(api)
    by_hand = {"name": "Mine", "kind": "checking", "currency": "EUR", "number": "100 200-300"}
    added = (await api.post("accounts", {**by_hand, "institution": bank})).json()

    done = (await api.upload(ofx(statement(*days(1))))).json()
    again = await api.post("accounts", {**by_hand, "institution": bank})

    assert done["statements"][0]["account_id"] == added["id"]
    assert problem_of(again) == (409, "account-exists")


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "other", "currency": "EUR"},
        {"name": "Cash", "kind": "other"},
        {"name": "Cash", "kind": "other", "currency": "XXQ"},
        {"name": " ", "kind": "other", "currency": "EUR"},
        {"name": "Cash", "kind": "other", "currency": "EUR", "balance": "1"},
    ],
)
async def test_an_account_that_says_too_little_is_refused(api: Api, body: dict[str, Any]) -> None:
    await api.enter()

    assert (await api.post("accounts", body)).status_code == 422
    assert (await api.get("accounts")).json()["items"] == []


async def test_what_is_not_there_cannot_be_changed(api: Api) -> None:
    await api.enter()

    assert (await api.patch(f"accounts/{GONE}", {"name": "A"})).status_code == 404
    assert (await api.delete(f"accounts/{GONE}")).status_code == 404
