"""Opening balances over HTTP."""

import pytest

from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement


async def account_of(api: Api) -> str:
    await api.enter()
    await api.upload(ofx(statement(*days(3))))
    (account,) = (await api.get("accounts")).json()["items"]
    return f"accounts/{account['id']}"


async def put(api: Api, account: str, amount: str, day: str = "2026-03-01") -> int:
    body = {"day": day, "amount": amount}
    path = f"{account}/opening-balance"
    reply = await api.call("put", path, data=body, content_type="application/json")
    return reply.status_code


async def test_it_is_set_replaced_and_removed(api: Api) -> None:
    account = await account_of(api)
    before = (await api.get(f"{account}/stated-balances")).json()["items"]

    for amount in ("1000.00", "2000.00"):
        assert await put(api, account, amount) == 200
        added = [
            each
            for each in (await api.get(f"{account}/stated-balances")).json()["items"]
            if each not in before
        ]
        assert [(each["day"], each["amount"]) for each in added] == [("2026-02-28", amount)]
    worth = (await api.get("net-worth?date_from=2026-02-28&date_to=2026-02-28")).json()["items"]
    assert [each["cash"] for each in worth] == ["2000.00"]

    assert (await api.delete(f"{account}/opening-balance")).status_code == 204

    assert (await api.get(f"{account}/stated-balances")).json()["items"] == before
    gone = await api.delete(f"{account}/opening-balance")
    assert problem_of(gone) == (404, "opening-balance-not-found")


async def test_what_is_no_balance_is_refused(api: Api) -> None:
    account = await account_of(api)

    assert await put(api, account, "much") == 422
    assert await put(api, account, "1.00", "1800-01-01") == 422


@pytest.mark.parametrize(
    ("day", "amount", "status"),
    [
        *(("2026-03-01", "10", 409), ("2026-03-01", "100", 200), ("2026-03-03", "98.5", 409)),
        ("2026-02-20", "10", 200),
    ],
)
async def test_what_follows_from_a_statement_is_not_contradicted(
    api: Api, day: str, amount: str, status: int
) -> None:
    await api.enter()
    rows = b"Date,Amount,Balance\n2026-02-28,5,100\n2026-03-01,-1,99\n2026-03-03,-1,98\n"
    said = {"account_name": "Giro", "currency": "EUR"}
    (done,) = (await api.upload(rows, fields=said)).json()["statements"]

    assert await put(api, f"accounts/{done['account_id']}", amount, day) == status
