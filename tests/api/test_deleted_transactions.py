"""Restoring deleted transactions over HTTP."""

from typing import Any

from tests.api.client import Api, problem_of
from tests.statements import days, ofx, statement

MARCH = ofx(statement(*days(5)))


async def listed(api: Api) -> list[Any]:
    (account,) = (await api.get("accounts")).json()["items"]
    items: list[Any] = (await api.get(f"accounts/{account['id']}/transactions")).json()["items"]
    return items


async def test_a_deleted_transaction_is_restored(api: Api) -> None:
    await api.enter()
    await api.upload(MARCH)
    before = await listed(api)
    gone = before[2]
    await api.delete(f"transactions/{gone['id']}")
    page = (await api.get("deleted-transactions")).json()
    assert (page["items"], page["next_cursor"]) == ([gone], None)

    restored = await api.call("post", f"transactions/{gone['id']}/restore")

    assert restored.status_code == 200
    assert restored.json()["transaction"] == gone
    assert await listed(api) == before
    assert (await api.get("deleted-transactions")).json()["items"] == []


async def test_the_feed_has_it_as_added(committing_database: str) -> None:
    api = await Api(delivers=True).enter()
    await api.upload(MARCH)
    (row, *_) = await listed(api)
    await api.delete(f"transactions/{row['id']}")
    start = (await api.get("changes?limit=500")).json()["next_cursor"]

    await api.call("post", f"transactions/{row['id']}/restore")

    (change,) = (await api.get(f"changes?cursor={start}")).json()["items"]
    assert (change["resource"], change["change"]) == ("transaction", "added")
    assert (change["id"], change["transaction"]["amount"]) == (row["id"], row["amount"])


async def test_a_restored_transaction_counts_in_the_balances(api: Api) -> None:
    await api.enter()
    await api.upload(MARCH)
    (account,) = (await api.get("accounts")).json()["items"]
    (row, *_) = await listed(api)
    state = (await api.get(f"accounts/{account['id']}/statements")).json()["items"]
    await api.delete(f"transactions/{row['id']}")

    await api.call("post", f"transactions/{row['id']}/restore")

    assert (await api.get(f"accounts/{account['id']}/statements")).json()["items"] == state


async def test_what_no_import_states_is_refused(api: Api) -> None:
    await api.enter()
    done = (await api.upload(MARCH)).json()
    (row, *_) = await listed(api)
    await api.delete(f"transactions/{row['id']}")
    await api.delete(f"imports/{done['id']}")

    refused = await api.call("post", f"transactions/{row['id']}/restore")

    assert problem_of(refused) == (409, "transaction-is-undone")
