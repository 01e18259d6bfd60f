"""The inbox over HTTP: each item says how it is decided."""

from typing import Any

from tests.api.client import Api, problem_of
from tests.application.ledger.test_inbox import BACK, OTHER, OUT
from tests.suggested import FIRST, SECOND


async def entered() -> Api:
    api = await Api(delivers=True).enter()
    for content in (FIRST, SECOND, OUT, BACK, OTHER):
        await api.upload(content)
    return api


async def test_every_item_is_decided_by_the_request_that_it_names(api: Api) -> None:
    api = await entered()
    page = (await api.get("inbox")).json()
    assert page["waiting"] == {"conflict": 1, "match": 1, "transfer": 1}
    items: list[dict[str, Any]] = page["items"]
    assert [each["kind"] for each in items] == ["conflict", "match", "transfer"]

    for number, item in enumerate(items):
        decide = item["decide"]
        body = {**decide["body"], "decision": decide["decisions"][-1]}
        reply = await api.call(
            decide["method"].lower(), decide["path"], data=body, content_type="application/json"
        )
        assert reply.status_code in (200, 201), item
        left = (await api.get("inbox")).json()["items"]
        assert left == items[number + 1 :]


async def test_a_kind_and_pages(api: Api) -> None:
    api = await entered()
    whole = (await api.get("inbox")).json()["items"]

    first = (await api.get("inbox?limit=2")).json()
    rest = (await api.get(f"inbox?limit=2&cursor={first['next_cursor']}")).json()

    assert [*first["items"], *rest["items"]] == whole
    assert (rest["next_cursor"], rest["waiting"]) == (None, None)
    matches = (await api.get("inbox?kind=match")).json()["items"]
    assert matches == [each for each in whole if each["kind"] == "match"]
    assert problem_of(await api.get("inbox?kind=letter")) == (422, "invalid-query")
