"""What a program may do with its token: what the scopes name, at every address."""

from collections.abc import Set
from datetime import timedelta

import pytest
from django.db.models import F

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import SessionModel, UserModel
from dashtam.api.session import CallerView, SessionView
from dashtam.container import container
from domain.identity.values import Scope
from tests.api.client import Api, problem_of
from tests.api.endpoints import OPEN, answers_for, ask, routes, somebody, views

VIEWS = dict(views())
ALL = [(method, route) for route, methods in routes() for method in sorted(methods)]
GUARDED = [each for each in ALL if each not in OPEN]
SCOPED = [each for each in GUARDED if not issubclass(VIEWS[each[1]], SessionView)]
FOR_SESSIONS = [each for each in GUARDED if each not in SCOPED]
# Deletions come last: all other requests should find the resource.
IN_ORDER = sorted(SCOPED, key=lambda each: (each[0] == "delete", each))


def needed(method: str, route: str) -> Set[Scope]:
    view = VIEWS[route]
    assert issubclass(view, CallerView)
    return view.scopes[method]


def test_every_scope_is_used() -> None:
    assert {scope for each in SCOPED for scope in needed(*each)} == set(Scope)


def test_a_change_requires_a_write_scope() -> None:
    for method, route in SCOPED:
        writes = {scope for scope in needed(method, route) if scope.startswith("write:")}
        assert bool(writes) is (method != "get"), (method, route)


@pytest.mark.parametrize("scope", [*Scope])
async def test_a_scope_grants_exactly_its_endpoints(api: Api, scope: Scope) -> None:
    ada = await somebody()
    program = await ada.api.program(scope)
    before = await answers_for(ada)
    open_to_it = [each for each in IN_ORDER if needed(*each) <= {scope}]

    for method, route in SCOPED:
        if (method, route) not in open_to_it:
            refused = await ask(program, method, route, ada)
            assert problem_of(refused) == (403, "scope-missing"), (method, route)
    for method, route in FOR_SESSIONS:
        refused = await ask(program, method, route, ada)
        assert problem_of(refused) == (403, "session-required"), (method, route)
    assert await answers_for(ada) == before

    assert open_to_it
    for method, route in open_to_it:
        reply = await ask(program, method, route, ada)
        assert reply.status_code not in (401, 403), (method, route)


async def test_no_scope_grants_endpoints_for_sessions(api: Api) -> None:
    ada = await somebody()
    program = await ada.api.program(*Scope)
    before = await answers_for(ada)

    for method, route in FOR_SESSIONS:
        refused = await ask(program, method, route, ada)
        assert problem_of(refused) == (403, "session-required"), (method, route)
    assert await answers_for(ada) == before

    for method, route in IN_ORDER:
        reply = await ask(program, method, route, ada)
        assert reply.status_code not in (401, 403), (method, route)


async def test_head_requires_the_scope_of_get(api: Api) -> None:
    ada = await somebody()
    program = await ada.api.program(Scope.READ_IMPORTS)

    for method, route in SCOPED:
        if method == "get":
            may = needed(method, route) <= {Scope.READ_IMPORTS}
            reply = await ask(program, "head", route, ada)
            assert reply.status_code == (200 if may else 403), route


async def test_options_works_with_an_api_token(api: Api) -> None:
    ada = await somebody()
    program = await ada.api.program(Scope.READ_IMPORTS)

    assert (await ask(program, "options", "accounts", ada)).status_code == 204
    assert problem_of(await ask(program, "put", "accounts", ada)) == (405, "method-not-allowed")


async def test_a_refusal_has_the_missing_scope(api: Api) -> None:
    program = await (await api.enter()).program(Scope.READ_ACCOUNTS)

    refused = await program.get("changes")

    assert refused.json()["detail"] == (
        "The API token needs these scopes: read:accounts, read:transactions."
    )


async def test_the_trail_has_the_api_token(api: Api) -> None:
    program = await (await api.enter()).program(Scope.READ_ACCOUNTS, Scope.READ_IMPORTS)
    (stored,) = (await api.get("api-tokens")).json()["items"]

    await program.get("accounts")
    await program.get("imports?cursor=x")
    await program.get("accounts/01a20aab-a020-7b3b-8000-e8b052690e30")
    await api.get("accounts")

    entries = AuditEntryModel.objects.filter(action__startswith="account").order_by("id")
    by_program, refused, by_person = [entry async for entry in entries]
    assert (by_program.action, by_program.details["api_token_id"]) == (
        "accounts.viewed",
        stored["id"],
    )
    assert (refused.action, refused.details["api_token_id"]) == ("account.view", stored["id"])
    assert (by_person.action, "api_token_id" in by_person.details) == ("accounts.viewed", False)
    assert {entry.actor_id for entry in (by_program, refused, by_person)} == {api.user.id}


async def test_the_trail_has_refusals(api: Api) -> None:
    await api.enter()
    program = await api.program(Scope.READ_ACCOUNTS)
    user = await UserModel.objects.aget()

    refused = await program.delete(f"transactions/{user.id}")
    assert problem_of(refused)[1] == "scope-missing"
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    assert problem_of(await program.get("sessions"))[1] == "session-required"
    await container.publisher.drain()
    await SessionModel.objects.aupdate(
        authenticated_at=F("authenticated_at") - timedelta(minutes=11)
    )
    assert problem_of(await api.delete("users/me"))[1] == "recent-authentication-required"

    entries = AuditEntryModel.objects.filter(action="request.admit").order_by("id")
    assert [(each.result, each.actor_id, each.details["error"]) async for each in entries] == [
        ("denied", user.id, error)
        for error in ("scope-missing", "session-required", "recent-authentication-required")
    ]
