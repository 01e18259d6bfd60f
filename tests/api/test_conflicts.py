"""Conflicts over HTTP."""

import pytest

from tests.api.client import Api, Reply, problem_of
from tests.statements import ofx, statement, transaction

FIRST = ofx(statement(transaction("-12.50", "20260303", "F1", "Coffee house")))
OTHER = ofx(statement(transaction("-13.50", "20260303", "F1", "Coffee house")))


async def decide(api: Api, conflict_id: str, decision: str) -> Reply:
    body = {"decision": decision}
    path = f"conflicts/{conflict_id}"
    return await api.call("put", path, data=body, content_type="application/json")


@pytest.mark.parametrize(
    ("decision", "gone"), [("added", "-12.50"), ("existing", "-13.50"), ("both", None)]
)
async def test_a_conflict_is_listed_and_decided(api: Api, decision: str, gone: str | None) -> None:
    await api.enter()
    for content in (FIRST, OTHER):
        await api.upload(content)
    (conflict,) = (await api.get("conflicts")).json()["items"]
    assert (conflict["added"]["amount"], conflict["existing"]["amount"]) == ("-13.50", "-12.50")

    reply = await decide(api, conflict["id"], decision)

    assert (reply.status_code, reply.json()) == (200, conflict)
    assert (await api.get("conflicts")).json()["items"] == []
    deleted = (await api.get("deleted-transactions")).json()["items"]
    assert [each["amount"] for each in deleted] == ([gone] if gone else [])
    again = await decide(api, conflict["id"], decision)
    assert problem_of(again) == (404, "conflict-not-found")


async def test_no_other_decision_is_known(api: Api) -> None:
    await api.enter()
    for content in (FIRST, OTHER):
        await api.upload(content)
    (conflict,) = (await api.get("conflicts")).json()["items"]

    assert problem_of(await decide(api, conflict["id"], "neither")) == (422, "invalid-body")
