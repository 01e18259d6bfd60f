"""A client with too many requests learns when to retry; no other client is affected."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.test import AsyncRequestFactory
from django.urls import resolve

from adapters.audit.models import AuditEntryModel
from dashtam.api import limits
from dashtam.api.identity.users import MeView, UsersView
from dashtam.api.limits import LIMITS, READING, WRITING, limit_of
from dashtam.application.identity.authenticate_request import REFUSALS, AuthenticateRequest
from dashtam.application.identity.users import RegisterUser, ShowProfile
from dashtam.application.ledger.transactions import ListTransactions
from dashtam.container import container
from domain.identity.entities import Session
from domain.ledger.ports import TransactionFilter
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.limits import Limit
from domain.shared.result import Failure, Result, Success
from tests.adapters.persistence.roles import value
from tests.api.client import PASSWORD, Api, Elsewhere, problem_of
from tests.api.endpoints import routes
from tests.api.test_holdings import MARCH, import_file
from tests.audit_trail import times_recorded

TIGHT = 0.001  # one at a time, and the next one after minutes


@pytest.fixture
def tight(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request for each address; all of them together have no limit here."""
    settings.RATE_LIMIT_SCALE = TIGHT
    monkeypatch.setattr(limits, "TOGETHER", Limit(burst=10**9, per_minute=10**9))


def test_limits_exist_only_for_existing_urls() -> None:
    there = {(route, verb.upper()) for route, verbs in routes() for verb in verbs}

    outside = {("admin/login/", "POST"), ("simplefin/claim/<str:token>", "POST")}
    assert LIMITS.keys() - there == outside
    assert resolve("/simplefin/claim/x").route == "simplefin/claim/<str:token>"
    assert resolve("/admin/login/").route == "admin/login/"


def test_limits_are_documented_as_they_are() -> None:
    page = (settings.ROOT / "docs/limits.md").read_text(encoding="utf-8")
    rows = (line.split("|")[1:4] for line in page.splitlines() if re.search(r"\| \d+ \|$", line))
    limits = {what: Limit(int(burst), float(minute)) for what, burst, minute in rows}

    for (route, method), limit in LIMITS.items():
        name = f"`{method} /{re.sub(r'<(uuid|str):.*?>', '{id}', route)}`"
        assert [each for what, each in limits.items() if name in what] == [limit], name
    assert limits[" reading, each endpoint "] == READING
    assert limits[" writing, each endpoint "] == WRITING
    assert limits[" requests refused for lack of a valid token, each network "] == REFUSALS
    assert sum(what.count("`") // 2 for what in limits) == len(LIMITS)


def test_an_unlisted_url_has_the_default_limits() -> None:
    assert limit_of("accounts", "GET") == ("reading", READING)
    assert limit_of("accounts", "OPTIONS") == ("reading", READING)
    assert limit_of("accounts", "BREW") == ("writing", WRITING)
    assert limit_of("sessions", "POST") == ("POST", Limit(120, 120))


async def test_a_limited_user_learns_when_to_retry(api: Api, tight: None) -> None:
    await api.enter()
    assert (await api.get("accounts")).status_code == 200

    reply = await api.get("accounts")

    assert problem_of(reply) == (429, "too-many-requests")
    # One is returned after 100 seconds: 600 a minute, times 0.001.
    assert 90 < int(reply.headers["Retry-After"]) <= 100
    assert reply.headers["Cache-Control"] == "no-store"


async def test_a_limit_ends_with_time(api: Api, tight: None) -> None:
    await api.enter()
    await api.get("accounts")
    await container.database.run(_move_back, 40)
    assert 50 < int((await api.get("accounts")).headers["Retry-After"]) <= 60

    await container.database.run(_move_back, 60)

    assert (await api.get("accounts")).status_code == 200


def _move_back(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE limits_bucket SET full_at = full_at - make_interval(secs => %s)", [seconds]
        )


async def test_urls_and_kinds_of_methods_are_limited_separately(api: Api, tight: None) -> None:
    await api.enter()
    await api.get("accounts")

    assert (await api.get("holdings")).status_code == 200
    assert (await api.get("csv-profiles")).status_code == 200
    assert problem_of(await api.post("csv-profiles", {})) == (422, "invalid-body")
    assert problem_of(await api.post("csv-profiles", {}))[0] == 429


async def test_two_resources_at_one_url_share_a_limit(api: Api, tight: None) -> None:
    await api.enter()

    assert (await api.get(f"accounts/{new_id()}")).status_code == 404
    assert (await api.get(f"accounts/{new_id()}")).status_code == 429


async def test_head_and_options_count_as_reads(api: Api, tight: None) -> None:
    await api.enter()
    assert (await api.call("head", "accounts")).status_code == 200

    assert (await api.get("accounts")).status_code == 429
    assert (await api.call("options", "accounts")).status_code == 429


async def test_a_user_has_one_limit_across_sessions_and_networks(api: Api, tight: None) -> None:
    await api.enter()
    assert (await api.get("users/me")).status_code == 200

    elsewhere = Elsewhere("198.51.100.7")
    reply = await elsewhere.get(
        "/api/v1/users/me", headers={"Authorization": f"Bearer {api.token}"}
    )

    assert reply.status_code == 429


async def test_one_users_limit_does_not_affect_another(api: Api, tight: None) -> None:
    await api.enter()
    eve = await Api().enter("eve@example.org")
    await api.get("accounts")
    assert (await api.get("accounts")).status_code == 429

    assert (await eve.get("accounts")).status_code == 200


async def knock(address: str, **headers: str) -> int:
    """Ask an open address from somewhere."""
    reply = await Elsewhere(address).post(
        "/api/v1/users", data=b"{}", content_type="application/json", headers=headers
    )
    return int(reply.status_code)


async def test_public_urls_are_limited_by_network(api: Api, tight: None) -> None:
    assert [await knock("192.0.2.7"), await knock("192.0.2.7")] == [422, 429]
    assert await knock("192.0.2.8") == 422


async def test_an_ipv6_network_is_one_client(api: Api, tight: None) -> None:
    assert [await knock("2001:db8::1"), await knock("2001:db8::ffff:1")] == [422, 429]
    assert await knock("2001:db8:0:1::1") == 422


async def test_no_header_makes_another_client(api: Api, tight: None) -> None:
    assert await knock("192.0.2.7") == 422

    for claimed in ("198.51.100.1", "203.0.113.9, 198.51.100.1"):
        assert await knock("192.0.2.7", **{"X-Forwarded-For": claimed}) == 429
        assert await knock("192.0.2.7", Forwarded=f"for={claimed}") == 429
        assert await knock("192.0.2.7", **{"X-Real-IP": claimed}) == 429


class TestRefusals:
    """Who has no good token is counted before anything is written of it."""

    async def test_do_not_flood_the_audit_trail(self, api: Api) -> None:
        api.token = "nonsense"
        kinds = [problem_of(await api.get("users/me")) for _ in range(REFUSALS.burst)]
        # Tokens are returned meanwhile, more of them on a slow machine.
        while kinds[-1][0] == 401 and len(kinds) < 10 * REFUSALS.burst:
            kinds.append(problem_of(await api.get("users/me")))

        assert kinds.count((401, "invalid-token")) >= REFUSALS.burst
        assert kinds[-1] == (429, "too-many-requests")
        denied = kinds.count((401, "invalid-token"))
        assert await times_recorded("session.authenticate") == denied
        # One for each minute that it took, and one about the minute before.
        assert await AuditEntryModel.objects.acount() <= 20

    async def test_share_a_limit_across_urls(self, api: Api) -> None:
        await _wear_out()

        for path in ("accounts", "imports", "users/me"):
            reply = await api.get(path)
            assert problem_of(reply) == (429, "too-many-requests")
            assert int(reply.headers["Retry-After"]) >= 1

    async def test_do_not_affect_authenticated_users(self, api: Api) -> None:
        await _wear_out()

        assert (await (await api.enter()).get("accounts")).status_code == 200

    async def test_are_limited_per_network(self, api: Api) -> None:
        await _wear_out()

        there = await Elsewhere("192.0.2.7").get("/api/v1/accounts")
        assert there.status_code == 401

    async def test_consume_nothing_of_the_url(self, api: Api, tight: None) -> None:
        for _ in range(3):
            assert (await api.get("accounts")).status_code == 401

        assert (await (await api.enter()).get("accounts")).status_code == 200


async def _wear_out() -> None:
    """Have so many been refused here that there is nothing left for an hour."""
    assert await container.ports.rate_limiter.consume("refusal 127.0.0.1", REFUSALS) == Success(
        None
    )
    await container.database.run(_empty_all)


def _empty_all() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE limits_bucket SET full_at = clock_timestamp() + interval '1 hour'")


async def test_health_and_metrics_are_never_limited(api: Api, tight: None) -> None:
    for path in ("/health/live", "/health/ready", "/metrics") * 3:
        assert (await api.get(path)).status_code == 200

    assert await container.database.run(value, "SELECT count(*) FROM limits_bucket") == 0


async def test_all_urls_have_a_limit_together(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TOGETHER", Limit(burst=4, per_minute=1))
    await api.enter()
    paths = ["accounts", "imports", "users/me", "sessions", "api-tokens"]

    kinds = [(await api.get(path)).status_code for path in paths]

    assert kinds == [200, 200, 200, 200, 429]
    assert (await (await Api().enter("bob@example.org")).get("accounts")).status_code == 200


class Broken:
    """A limiter that is unavailable."""

    async def consume(self, key: str, limit: Limit, **within: Any) -> Result[None, Any]:
        return Failure(Unavailable("The database is not available."))

    async def delete_expired(self) -> Result[int, Any]:
        raise NotImplementedError


class BrokenSessions:
    """Sessions that are unavailable."""

    async def get_by_token(self, *given: Any) -> Result[Session, Any]:
        return Failure(Unavailable("The database is not available."))


async def test_an_outage_admits_nobody(api: Api) -> None:
    view: Any = UsersView.as_view(register_user=container.use(RegisterUser), rate_limiter=Broken())
    body = {"email": "ada@example.org", "password": PASSWORD}
    request = AsyncRequestFactory().post("/api/v1/users", body, content_type="application/json")

    reply = await view(request)

    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    assert await AuditEntryModel.objects.acount() == 0


async def test_an_outage_admits_no_user(api: Api) -> None:
    await api.enter()
    unavailable: Any = BrokenSessions()
    view: Any = MeView.as_view(
        show_profile=container.use(ShowProfile),
        authenticate=replace(container.use(AuthenticateRequest), sessions=unavailable),
    )
    headers = {"Authorization": f"Bearer {api.token}"}

    reply = await view(AsyncRequestFactory().get("/api/v1/users/me", headers=headers))

    assert reply.status_code == 503


def statements_of(statements: list[str]) -> list[str]:
    """Leave out what tests alone need, who lend their connection."""
    lending = ("SET ROLE", "RESET ROLE", "set_config('role'")
    return [sql for sql in statements if not any(each in sql for each in lending)]


async def test_a_limited_request_needs_one_more_statement(queries: list[str]) -> None:
    api = await Api().enter()
    await import_file(api, MARCH)
    (account, *_) = (await api.get("accounts")).json()["items"]
    me = (await api.get("users/me")).json()["id"]

    queries.clear()
    reply = await api.get(f"accounts/{account['id']}/transactions")
    statements = statements_of(queries)
    queries.clear()
    answer = await container.use(ListTransactions)(
        account_id=AccountId(UUID(account["id"])),
        user_id=UserId(UUID(me)),
        where=TransactionFilter(),
        after=None,
        limit=50,
    )
    alone = statements_of(queries)

    assert (reply.status_code, isinstance(answer, Success)) == (200, True)
    assert len(statements) == len(alone) + 1
    assert "identity_enter_session" in statements[0]
    assert "limits_take" in statements[0]
