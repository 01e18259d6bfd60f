"""Accounts, balances and transactions over HTTP."""

from datetime import UTC, datetime

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import TransactionModel
from domain.shared.ids import new_id
from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement, transaction


async def _account(api: Api, *transactions: str) -> str:
    """Import some transactions, and return the id of their account."""
    await api.enter()
    await api.upload(ofx(statement(*(transactions or days(5)))))
    account_id: str = (await api.get("accounts")).json()["items"][0]["id"]
    return account_id


async def test_accounts_are_listed_with_their_balance(api: Api) -> None:
    await _account(api)

    (account,) = (await api.get("accounts")).json()["items"]

    assert account["number"] == "100200300"
    assert (account["kind"], account["currency"]) == ("checking", "EUR")
    assert account["balance"] == {
        "day": datetime.now(UTC).date().isoformat(),
        "currency": "EUR",
        "amount": "100.00",
        "source": "derived",
        "stated_on": "2026-03-31",
        "kind": "booked",
    }
    assert account["other_balances"] == []


async def test_an_account_without_a_balance_has_none(api: Api) -> None:
    await api.enter()
    await api.upload(ofx(statement(transaction(), balance="")))

    (account,) = (await api.get("accounts")).json()["items"]

    assert account["balance"] is None


async def test_one_account_can_be_retrieved(api: Api) -> None:
    account_id = await _account(api)

    response = await api.get(f"accounts/{account_id}")

    assert response.status_code == 200
    assert response.json() == (await api.get("accounts")).json()["items"][0]


async def test_stated_balances_are_listed_latest_first(api: Api) -> None:
    account_id = await _account(api)
    later = "<LEDGERBAL><BALAMT>50.00<DTASOF>20260430</LEDGERBAL>"
    await api.upload(ofx(statement(balance=later)))

    body = (await api.get(f"accounts/{account_id}/stated-balances?limit=1")).json()
    rest = await api.get(f"accounts/{account_id}/stated-balances?cursor={body['next_cursor']}")

    assert body["items"] == [
        {"amount": "50.00", "currency": "EUR", "day": "2026-04-30", "kind": "booked"}
    ]
    assert (rest.json()["items"][0]["amount"], rest.json()["next_cursor"]) == ("100.00", None)


async def test_transactions_are_listed_newest_first(api: Api) -> None:
    account_id = await _account(api)

    body = (await api.get(f"accounts/{account_id}/transactions")).json()

    assert [row["booking_date"] for row in body["items"]] == [
        f"2026-03-{day:02}" for day in (5, 4, 3, 2, 1)
    ]
    assert body["next_cursor"] is None
    assert body["items"][0]["amount"] == "-5.00"
    assert body["items"][0]["description"] == "Shop 5"


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_pages_are_complete_and_end(api: Api, limit: int) -> None:
    account_id = await _account(api)
    recorded: list[str] = []
    cursor = ""
    for _ in range(5 // limit + (5 % limit > 0)):
        path = f"accounts/{account_id}/transactions?limit={limit}"
        body = (await api.get(f"{path}&cursor={cursor}" if cursor else path)).json()
        recorded += [row["id"] for row in body["items"]]
        cursor = body["next_cursor"] or ""

    assert cursor == ""
    assert len(set(recorded)) == len(recorded) == 5


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("date_from=2026-03-02&date_to=2026-03-03", 2),
        ("date_from=2026-03-02&date_to=2026-03-04&limit=1", 1),
        ("amount_from=-2.00", 2),
        ("amount_to=-4", 2),
        ("status=posted", 5),
        ("status=pending", 0),
        ("kind=debit", 5),
        ("kind=check", 0),
    ],
)
async def test_filters_are_applied(api: Api, query: str, count: int) -> None:
    account_id = await _account(api)

    response = await api.get(f"accounts/{account_id}/transactions?{query}")

    assert response.status_code == 200
    assert len(response.json()["items"]) == count


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("kind=coffee", "invalid-query"),
        ("status=", "invalid-query"),
        ("date_from=yesterday", "invalid-query"),
        ("date_from=2026-02-30", "invalid-query"),
        ("date_from=0", "invalid-query"),
        ("date_to=1772323200", "invalid-query"),
        ("date_from=2026-03-01T00:00:00Z", "invalid-query"),
        ("amount_from=NaN", "invalid-query"),
        ("amount_from=Infinity", "invalid-query"),
        ("amount_from=1e999999999", "invalid-query"),
        ("limit=0", "invalid-query"),
        ("limit=501", "invalid-query"),
        ("limit=ten", "invalid-query"),
        ("page=2", "invalid-query"),
        ("limit=1&limit=2", "invalid-query"),
        ("kind=%00", "invalid-query"),
        ("cursor=%00", "invalid-query"),
        ("cursor=nonsense", "invalid-cursor"),
        ("cursor=", "invalid-cursor"),
        ("cursor=MjAyNi0wMy0wMQ==", "invalid-cursor"),
        ("cursor=%C3%A9", "invalid-cursor"),
    ],
)
async def test_an_invalid_query_is_refused(api: Api, query: str, kind: str) -> None:
    account_id = await _account(api)

    response = await api.get(f"accounts/{account_id}/transactions?{query}")

    assert problem_of(response) == (422, kind)


async def test_a_transaction_has_every_detail_from_the_bank(api: Api) -> None:
    await _account(api, transaction())
    row = await TransactionModel.objects.aget()

    body = (await api.get(f"transactions/{row.id}")).json()

    assert body["transaction"]["id"] == str(row.id)
    assert body["transaction"]["provider_id"] == "F1"
    assert body["raw"]["NAME"] == "Coffee house"
    assert body["line"] == row.line


async def test_every_read_is_audited(api: Api) -> None:
    account_id = await _account(api, transaction())
    row = await TransactionModel.objects.aget()
    for path in ("", "/balances", "/stated-balances", "/transactions"):
        await api.get(f"accounts/{account_id}{path}")
    await api.get(f"transactions/{row.id}")

    actions = [e.action async for e in AuditEntryModel.objects.filter(action__endswith=".viewed")]

    assert sorted(actions) == [
        "account.viewed",
        "accounts.viewed",
        "balances.viewed",
        "stated_balances.viewed",
        "transaction.viewed",
        "transactions.viewed",
    ]


@pytest.mark.parametrize(
    "path",
    [
        *("accounts/{}", "accounts/{}/balances"),
        *("accounts/{}/stated-balances", "accounts/{}/transactions"),
    ],
)
async def test_a_missing_resource_is_not_found(api: Api, path: str) -> None:
    await api.enter()

    assert problem_of(await api.get(path.format(new_id()))) == (404, "account-not-found")


async def test_another_users_data_is_not_found(locked: str) -> None:
    api = Api()
    account_id = await _account(api)
    row = await TransactionModel.objects.afirst()
    assert row is not None
    eve = await Api().enter("eve@example.org")

    of_account = ("", "/balances", "/stated-balances", "/transactions")
    paths = [f"accounts/{account_id}{rest}" for rest in of_account]
    for path in [*paths, f"transactions/{row.id}"]:
        theirs = await eve.get(path)
        nobodys = await eve.get(path.replace(account_id, str(new_id())))
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json()["detail"] == nobodys.json()["detail"]
    assert (await eve.get("accounts")).json() == {"items": []}


async def test_an_attempt_on_another_users_data_is_audited(api: Api) -> None:
    account_id = await _account(api)
    eve = await Api().enter("eve@example.org")

    await eve.get(f"accounts/{account_id}")

    entry = await AuditEntryModel.objects.aget(result="failure")
    assert (entry.action, str(entry.resource_id)) == ("account.view", account_id)
    assert entry.details == {"error": "account-not-found"}
    assert entry.actor_kind == "user"
