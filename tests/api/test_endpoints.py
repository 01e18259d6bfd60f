"""Rules for every endpoint. Endpoints are discovered, so new ones are tested too."""

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.test import RequestFactory
from django.urls import resolve

from adapters.audit.models import AuditEntryModel
from dashtam.api import limits
from dashtam.api.limits import consume_token
from dashtam.container import container
from domain.identity.values import Scope
from domain.shared.limits import Limit
from tests.api.client import Api, problem_of
from tests.api.conftest import Executed
from tests.api.endpoints import OPEN, QUERIES, Somebody, answers_for, ask, nobody, routes, somebody
from tests.api.test_holdings import APRIL, DOLLARS, import_file
from tests.camt import WEEK
from tests.csv_profiles import BODY
from tests.statements import days, ofx, statement, transaction

ALL = [(method, route) for route, methods in routes() for method in sorted(methods)]
READ = [route for method, route in ALL if method == "get"]


async def test_a_request_without_token_is_unauthenticated(api: Api) -> None:
    nowhere = nobody(api, await somebody())

    for method, route in ALL:
        if (method, route) not in OPEN:
            assert problem_of(await ask(api, method, route, nowhere))[0] == 401, (method, route)


async def test_unknown_parameters_are_refused_and_change_nothing(api: Api) -> None:
    ada = await somebody()
    before = await answers_for(ada)

    for method, route in ALL:
        query_string = "&".join(filter(None, [QUERIES.get(route), "no_such_parameter=1"]))
        reply = await ask(ada.api, method, route, ada, query_string)
        assert problem_of(reply) == (422, "invalid-query"), (method, route)

    assert await answers_for(ada) == before


async def use_up(method: str, path: str, who: str) -> None:
    """Send what the endpoint accepts for a user."""
    request = getattr(RequestFactory(), method)(path)
    request.resolver_match = resolve(path)
    await consume_token(container.ports.rate_limiter, request, who)


def _fill_buckets() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM limits_bucket")


async def test_every_endpoint_is_rate_limited(
    api: Api, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each on its own: all of them together have a limit as well.
    monkeypatch.setattr(limits, "TOGETHER", Limit(burst=10**9, per_minute=10**9))
    ada = await somebody()
    eve = await Api().enter("eve@example.org")
    user_id = (await ada.api.get("users/me")).json()["id"]
    settings.RATE_LIMIT_SCALE = 0.001
    # What was taken under wider limits returns in a moment, perhaps between two requests below.
    await container.database.run(_fill_buckets)
    before = await AuditEntryModel.objects.acount()

    for method, route in ALL:
        who = "127.0.0.1" if (method, route) in OPEN else user_id
        await use_up(method, f"/api/v1/{ada.at(route)}", who)
        reply = await ask(ada.api, method, route, ada)
        assert problem_of(reply) == (429, "too-many-requests"), (method, route)
        assert int(reply.headers["Retry-After"]) >= 1, (method, route)
    # Nothing was done, and nothing written of it.
    assert await AuditEntryModel.objects.acount() == before > 0
    for route in READ:
        assert (await ask(eve, "get", route, nobody(eve, ada))).status_code != 429, route


async def test_every_endpoint_reports_its_methods(api: Api) -> None:
    ada = await somebody()

    for route, methods in routes():
        reply = await ask(ada.api, "options", route, ada, "")
        allowed = {each.lower() for each in reply.headers["Allow"].split(", ")}
        assert (reply.status_code, reply.text) == (204, "")
        assert allowed - {"head", "options"} == methods, route
        refused = await ask(ada.api, "trace", route, ada, "")
        assert problem_of(refused) == (405, "method-not-allowed"), route


async def test_every_read_has_a_short_timeout(api: Api, executed: Executed) -> None:
    """The statement that names the user sets it."""
    ada = await somebody()
    short = str(round(settings.DB_READING_TIMEOUT * 1000))

    for method, route in ALL:
        if method == "get" and route != "imports/formats":
            executed.clear()
            assert (await ask(ada.api, method, route, ada)).status_code == 200
            opened = [each for each in executed if "app.user_id" in each[0]]
            opened = [each for each in opened if "role" not in each[0]]
            assert opened, route
            for sql, params in opened:
                assert f"statement_timeout = {short}" in sql or short in (params or ()), route


async def test_head_is_get_without_a_body(api: Api) -> None:
    ada = await somebody()

    for route in READ:
        reply = await ask(ada.api, "head", route, ada)
        assert (reply.status_code, reply.text) == (200, ""), route


async def queries_of(owner: Somebody, queries: list[str]) -> dict[str, int]:
    """Return how many statements each endpoint needs for a read."""
    counts = {}
    for route in READ:
        queries.clear()
        assert (await ask(owner.api, "get", route, owner)).status_code == 200
        counts[route] = len(queries)
    return counts


async def test_more_rows_need_no_more_queries(queries: list[str]) -> None:
    ada = await somebody()
    few = await queries_of(ada, queries)

    many = statement(*days(25), transaction("-50.00", "20260315", "C9", "To savings"))
    other = statement(transaction("50.00", "20260315", "S9", "Back"), number="400500600")
    grown = await ada.api.upload(ofx(many, other, statement(*days(3), number="700800900")))
    await import_file(ada.api, APRIL, DOLLARS)
    for file in WEEK:
        assert (await ada.api.upload(file, name="day.xml")).status_code == 201
    for name in ("Another", "A third"):
        await ada.api.post("csv-profiles", {"name": name, "profile": BODY})
        await ada.api.program(Scope.READ_IMPORTS)
        await ada.api.reconnected()
    ada.ids["import_id"] = grown.json()["id"]

    assert min(few[route] for route in READ if route != "imports/formats") > 2
    # An export needs one for each account with content: here are two more.
    assert await queries_of(ada, queries) == {**few, "export": few["export"] + 2}
