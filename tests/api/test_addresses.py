"""What holds at every address. Addresses are found, not listed: a new one is held to it too."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from tests.api.addresses import QUERIES, Somebody, ask, nobody, routes, somebody
from tests.api.client import Api, problem_of
from tests.api.test_holdings import APRIL, DOLLARS, bring
from tests.camt import WEEK
from tests.csv_profiles import BODY
from tests.statements import days, ofx, statement, transaction

ALL = [(method, route) for route, methods in routes() for method in sorted(methods)]
OPEN = {("post", "users"), ("post", "sessions"), ("post", "account-recoveries")}
READ = [route for method, route in ALL if method == "get"]


async def seen_by(owner: Somebody) -> dict[str, tuple[int, str]]:
    """Return what the owner of something sees at every address."""
    seen = {}
    for route in READ:
        reply = await ask(owner.api, "get", route, owner)
        text = reply.text
        if route == "changes":
            # The cursor of the feed moves with every transaction of the server.
            text = str(reply.json()["items"])
        elif route == "users/me/export":
            # It tells of every look that was taken: see test_goodbye.py.
            text = ""
        seen[route] = (reply.status_code, text)
    return seen


async def test_what_is_not_ones_own_is_not_found(locked: str) -> None:
    ada = await somebody()
    before = await seen_by(ada)
    eve = await Api().enter("eve@example.org")

    for method, route in ALL:
        if "<" in route:
            theirs = await ask(eve, method, route, ada)
            nobodys = await ask(eve, method, route, nobody(eve, ada))

            status, code = problem_of(theirs)
            assert (status, code.endswith("-not-found")) == (404, True), (method, route)
            assert problem_of(nobodys) == (status, code), (method, route)
            assert nobodys.json()["detail"] == theirs.json()["detail"], (method, route)

    assert {status for status, _ in before.values()} == {200}
    assert await seen_by(ada) == before


async def test_lists_tell_of_ones_own_alone(locked: str) -> None:
    ada = await somebody()
    eve = await Api().enter("eve@example.org")

    for route in READ:
        if "<" not in route:
            text = (await ask(eve, "get", route, ada)).text
            assert [each for each in ada.ids.values() if each in text] == [], route


async def test_who_has_no_token_is_nobody(api: Api) -> None:
    nowhere = nobody(api, await somebody())

    for method, route in ALL:
        if (method, route) not in OPEN:
            assert problem_of(await ask(api, method, route, nowhere))[0] == 401, (method, route)


async def test_unknown_parameters_are_refused_and_nothing_is_done(api: Api) -> None:
    ada = await somebody()
    before = await seen_by(ada)

    for method, route in ALL:
        asked = "&".join(filter(None, [QUERIES.get(route), "no_such_parameter=1"]))
        reply = await ask(ada.api, method, route, ada, asked)
        assert problem_of(reply) == (422, "invalid-query"), (method, route)

    assert await seen_by(ada) == before


async def test_every_address_tells_its_methods(api: Api) -> None:
    ada = await somebody()

    for route, methods in routes():
        reply = await ask(ada.api, "options", route, ada, "")
        known = {each.lower() for each in reply.headers["Allow"].split(", ")}
        assert (reply.status_code, reply.text) == (204, "")
        assert known - {"head", "options"} == methods, route
        refused = await ask(ada.api, "trace", route, ada, "")
        assert problem_of(refused) == (405, "method-not-allowed"), route


@pytest.mark.parametrize("route", READ)
async def test_head_is_get_without_a_body(api: Api, route: str) -> None:
    ada = await somebody()

    reply = await ask(ada.api, "head", route, ada)

    assert (reply.status_code, reply.text) == (200, "")


@pytest.fixture
def queries(database: None) -> Iterator[list[str]]:
    """Statements of SQL, as the database gets them."""
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connections["default"].execute_wrapper(note):
        yield seen


async def queries_of(owner: Somebody, queries: list[str]) -> dict[str, int]:
    """Return how many statements each address takes to be read."""
    counts = {}
    for route in READ:
        queries.clear()
        assert (await ask(owner.api, "get", route, owner)).status_code == 200
        counts[route] = len(queries)
    return counts


async def test_more_to_tell_takes_no_more_queries(queries: list[str]) -> None:
    ada = await somebody()
    few = await queries_of(ada, queries)

    many = statement(*days(25), transaction("-50.00", "20260315", "C9", "To savings"))
    other = statement(transaction("50.00", "20260315", "S9", "Back"), number="400500600")
    grown = await ada.api.upload(ofx(many, other, statement(*days(3), number="700800900")))
    await bring(ada.api, APRIL, DOLLARS)
    for file in WEEK:
        assert (await ada.api.upload(file, name="day.xml")).status_code == 201
    for name in ("Another", "A third"):
        await ada.api.post("csv-profiles", {"name": name, "profile": BODY})
    ada.ids["import_id"] = grown.json()["id"]

    assert min(few[route] for route in READ if route != "imports/formats") > 2
    # An export takes one for each account that has something in it: here there are two more.
    assert await queries_of(ada, queries) == {**few, "export": few["export"] + 2}
