"""Tokens for programs, over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import ApiTokenModel, SessionModel, UserModel
from adapters.persistence.outbox.models import OutboxModel
from dashtam.container import container
from domain.identity.entities import ApiToken
from domain.identity.values import Scope, Token, TokenKind
from domain.shared.ids import new_id
from tests.api.client import Api, problem_of

REQUEST = {"name": "Household spreadsheet", "scopes": ["read:accounts", "read:transactions"]}


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def test_a_token_is_shown_once(api: Api) -> None:
    await api.enter()

    made = await api.post("api-tokens", REQUEST)

    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    body = made.json()
    assert Token.parse(body["token"], TokenKind.API)
    assert body["token"].startswith("dashtam_api_")
    assert {name: body[name] for name in REQUEST} == REQUEST
    lives = datetime.fromisoformat(body["expires_at"]) - datetime.fromisoformat(body["issued_at"])
    assert lives == timedelta(days=90)
    assert body["last_used_at"] is None
    row = await ApiTokenModel.objects.aget()
    assert bytes(row.token_digest) == Token(body["token"]).digest
    assert body["token"] not in (await api.get("api-tokens")).text


async def test_a_program_works_with_it(api: Api) -> None:
    await api.enter()
    body = (await api.post("api-tokens", REQUEST)).json()
    program = Api()
    program.token = body["token"]

    assert (await program.get("accounts")).status_code == 200
    assert problem_of(await program.get("imports")) == (403, "scope-missing")
    assert problem_of(await program.get("users/me")) == (403, "session-required")
    assert problem_of(await program.post("api-tokens", REQUEST)) == (403, "session-required")


async def test_the_list_has_the_last_use(api: Api) -> None:
    await api.enter()
    made = (await api.post("api-tokens", REQUEST)).json()
    program = Api()
    program.token = made["token"]
    before = datetime.now(UTC)
    await program.get("accounts")

    (item,) = (await api.get("api-tokens")).json()["items"]

    assert datetime.fromisoformat(item["last_used_at"]) >= before
    assert item["last_used_ip_address"] == "127.0.0.1"
    with_use = {"last_used_at", "last_used_ip_address", "token"}
    same = {name: each for name, each in made.items() if name not in with_use}
    assert same == {name: each for name, each in item.items() if name not in with_use}
    viewed = await AuditEntryModel.objects.aget(action="api_tokens.viewed")
    assert (viewed.actor_id, viewed.details) == (api.user.id, {"count": 1})


async def test_no_name_is_in_the_trail_or_in_an_event(api: Api) -> None:
    api.delivers = False
    await api.enter()
    made = (await api.post("api-tokens", REQUEST)).json()
    await api.get("api-tokens")
    await api.delete(f"api-tokens/{made['id']}")

    entries = [str(each) async for each in AuditEntryModel.objects.values()]
    events = [str(each) async for each in OutboxModel.objects.values()]
    assert "api_token.revoked" in "".join(entries)
    for record in (*entries, *events):
        assert "spreadsheet" not in record.lower()
        assert made["token"] not in record


@pytest.mark.parametrize(
    ("change", "problem", "pointer"),
    [
        ({"name": ""}, "invalid-body", "/name"),
        ({"name": "x" * 101}, "invalid-body", "/name"),
        ({"name": 7}, "invalid-body", "/name"),
        ({"name": "a\0b"}, "invalid-body", "/name"),
        ({"name": " "}, "invalid-api-token", None),
        ({"name": "a\nb"}, "invalid-api-token", None),
        ({"name": "a\x7fb"}, "invalid-api-token", None),
        ({"scopes": []}, "invalid-body", "/scopes"),
        ({"scopes": "read:accounts"}, "invalid-body", "/scopes"),
        ({"scopes": ["read:accounts", "write:users"]}, "invalid-body", "/scopes/1"),
        ({"scopes": ["READ:ACCOUNTS"]}, "invalid-body", "/scopes/0"),
        ({"expires_at": "2031-01-01"}, "invalid-body", "/expires_at"),
        ({"expires_at": "2031-01-01T00:00:00"}, "invalid-body", "/expires_at"),
        ({"expires_at": "2031-13-01T00:00:00Z"}, "invalid-body", "/expires_at"),
        ({"expires_at": "1900000000"}, "invalid-body", "/expires_at"),
        ({"expires_at": 1_900_000_000}, "invalid-body", "/expires_at"),
        ({"expires_at": True}, "invalid-body", "/expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "invalid-api-token", None),
        ({"expires_at": "9999-12-31T23:59:59+00:00"}, "invalid-api-token", None),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, "invalid-api-token", None),
        ({"token": "dashtam_api_x"}, "invalid-body", "/token"),
    ],
)
async def test_an_invalid_token_request_is_refused(
    api: Api, change: dict[str, Any], problem: str, pointer: str | None
) -> None:
    await api.enter()

    refused = await api.post("api-tokens", {**REQUEST, **change})

    assert problem_of(refused) == (422, problem)
    assert pointer in {None, *(each["pointer"] for each in refused.json().get("errors", []))}
    assert not await ApiTokenModel.objects.aexists()


async def test_the_expiry_is_optional(api: Api) -> None:
    await api.enter()

    made = await api.post("api-tokens", {**REQUEST, "expires_at": None})

    assert made.status_code == 201


@pytest.mark.parametrize(("days", "status"), [(1, 201), (365, 201), (367, 422)])
async def test_the_expiry_can_be_chosen(api: Api, days: int, status: int) -> None:
    await api.enter()

    made = await api.post("api-tokens", {**REQUEST, "expires_at": in_days(days)})

    assert made.status_code == status


async def test_a_scope_given_twice_counts_once(api: Api) -> None:
    await api.enter()

    made = await api.post("api-tokens", {**REQUEST, "scopes": ["read:imports"] * 3})

    assert made.json()["scopes"] == ["read:imports"]


async def test_creating_one_requires_a_recent_authentication(api: Api) -> None:
    await api.enter()
    await SessionModel.objects.aupdate(
        authenticated_at=F("authenticated_at") - timedelta(minutes=11)
    )

    refused = await api.post("api-tokens", REQUEST)

    assert problem_of(refused) == (401, "recent-authentication-required")
    assert "insufficient_user_authentication" in refused.headers["WWW-Authenticate"]
    assert not await ApiTokenModel.objects.aexists()
    assert (await api.get("api-tokens")).status_code == 200


async def test_their_number_is_limited(api: Api) -> None:
    await api.enter()
    first = (await api.post("api-tokens", REQUEST)).json()
    row = await ApiTokenModel.objects.aget()
    await ApiTokenModel.objects.abulk_create(
        _like(row, number) for number in range(1, ApiToken.MOST)
    )

    refused = await api.post("api-tokens", REQUEST)
    assert problem_of(refused) == (409, "too-many-api-tokens")
    assert "50" in refused.json()["detail"]

    assert (await api.delete(f"api-tokens/{first['id']}")).status_code == 204
    assert (await api.post("api-tokens", REQUEST)).status_code == 201
    assert problem_of(await api.post("api-tokens", REQUEST)) == (409, "too-many-api-tokens")

    # Those that have expired do not count.
    await ApiTokenModel.objects.filter(name="copy").aupdate(expires_at=datetime.now(UTC))
    assert (await api.post("api-tokens", REQUEST)).status_code == 201


def _like(row: ApiTokenModel, number: int) -> ApiTokenModel:
    return ApiTokenModel(
        id=new_id(),
        user_id=row.user_id,
        name="copy",
        scopes=row.scopes,
        token_digest=number.to_bytes(32, "big"),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
    )


async def test_a_revoked_token_is_invalid_at_once(api: Api) -> None:
    program = await (await api.enter()).program(Scope.READ_ACCOUNTS)
    row = await ApiTokenModel.objects.aget()
    assert (await program.get("accounts")).status_code == 200

    assert (await api.delete(f"api-tokens/{row.id}")).status_code == 204

    assert problem_of(await program.get("accounts")) == (401, "invalid-token")
    assert (await api.get("api-tokens")).json() == {"items": []}
    assert (await api.delete(f"api-tokens/{row.id}")).status_code == 204
    assert await AuditEntryModel.objects.filter(action="api_token.revoked").acount() == 1


async def test_revoked_and_expired_tokens_are_refused_alike(api: Api) -> None:
    program = await (await api.enter()).program(*Scope)
    refused = []
    await ApiTokenModel.objects.aupdate(expires_at=datetime.now(UTC))
    refused.append(await program.get("accounts"))
    await ApiTokenModel.objects.aupdate(expires_at=datetime.now(UTC) + timedelta(days=1))
    assert (await program.get("accounts")).status_code == 200
    await UserModel.objects.aupdate(erase_after=datetime.now(UTC) + timedelta(days=14))
    refused.append(await program.get("accounts"))
    program.token = container.ports.tokens.issue(TokenKind.API).text
    refused.append(await program.get("accounts"))

    answers = [{**each.json(), "trace_id": ""} for each in refused]
    assert [problem_of(each) for each in refused] == [(401, "invalid-token")] * 3
    assert answers[0] == answers[1] == answers[2]


async def test_a_token_survives_its_session(api: Api) -> None:
    program = await (await api.enter()).program(Scope.READ_ACCOUNTS)

    assert (await api.delete("sessions")).status_code == 204

    assert problem_of(await api.get("accounts")) == (401, "invalid-token")
    assert (await program.get("accounts")).status_code == 200
