"""Logging in and out."""

from datetime import timedelta

import pytest
from django.db.models import F

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import SessionModel, UserModel
from domain.identity.values import Token, TokenKind
from tests.api.client import PASSWORD, Api, problem_of

ADA = {"email": "ada@example.org", "password": PASSWORD}


async def test_a_log_in_opens_a_session(api: Api) -> None:
    await api.log_in()
    await SessionModel.objects.all().adelete()

    response = await api.post("sessions", {**ADA, "email": "ADA@example.org"})

    assert response.status_code == 201
    body = response.json()
    tokens = {"access_token", "refresh_token", "device_token", "token_type"}
    assert body.keys() == {"id", "expires_at", "refresh_expires_at", *tokens}
    row = await SessionModel.objects.aget()
    assert bytes(row.token_digest) == Token(body["access_token"]).digest
    assert body["access_token"].startswith("dashtam_access_")
    assert body["refresh_token"].startswith("dashtam_refresh_")
    assert body["device_token"].startswith("dashtam_device_")


async def test_unknown_user_and_wrong_password_get_the_same_answer(api: Api) -> None:
    await api.post("users", ADA)

    wrong = await api.post("sessions", {**ADA, "password": "incorrect horse battery"})
    unknown = await api.post("sessions", {**ADA, "email": "eve@example.org"})
    nonsense = await api.post("sessions", {**ADA, "email": "nobody"})

    for response in (wrong, unknown, nonsense):
        assert problem_of(response) == (401, "invalid-credentials")
    varying = {"trace_id": ""}
    assert {**wrong.json(), **varying} == {**unknown.json(), **varying}
    assert {**wrong.json(), **varying} == {**nonsense.json(), **varying}


async def test_failed_log_ins_are_audited_once_with_the_reason(api: Api) -> None:
    await api.post("users", ADA)
    user = await UserModel.objects.aget()

    await api.post("sessions", {**ADA, "password": "incorrect horse battery"})
    await api.post("sessions", {**ADA, "email": "eve@example.org"})

    entries = AuditEntryModel.objects.filter(action="login.failed").order_by("id")
    recorded = [(e.result, e.resource_id, e.details) async for e in entries]
    assert recorded == [
        ("denied", user.id, {"reason": "wrong-password"}),
        ("denied", None, {"reason": "unknown-address"}),
    ]
    assert not await AuditEntryModel.objects.filter(action="session.open").aexists()


@pytest.mark.parametrize("address", ["a%@example.org", "___@example.org", "%"])
async def test_an_email_address_is_not_a_pattern(api: Api, address: str) -> None:
    await api.post("users", ADA)

    response = await api.post("sessions", {**ADA, "email": address})

    assert problem_of(response) == (401, "invalid-credentials")


async def test_logging_out_invalidates_the_token(api: Api) -> None:
    await api.log_in()

    assert (await api.delete("sessions/current")).status_code == 204

    assert problem_of(await api.get("users/me")) == (401, "invalid-token")
    assert problem_of(await api.delete("sessions/current")) == (401, "invalid-token")
    assert await AuditEntryModel.objects.filter(action="session.ended").acount() == 1


async def test_logging_out_leaves_other_sessions_active(api: Api) -> None:
    await api.log_in()
    other = Api()
    other.token = (await api.post("sessions", ADA)).json()["access_token"]

    await api.delete("sessions/current")

    assert (await other.get("users/me")).status_code == 200


async def test_a_session_expires(api: Api) -> None:
    await api.log_in()
    await SessionModel.objects.aupdate(expires_at=F("opened_at") - timedelta(seconds=1))

    assert problem_of(await api.get("users/me")) == (401, "invalid-token")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("", "token-missing"),
        ("Bearer", "token-missing"),
        ("Basic YWRhOmFkYQ==", "token-missing"),
        ("Bearer nonsense", "invalid-token"),
        ("Bearer " + Token.of(bytes(32)).text, "invalid-token"),
        ("Bearer " + Token.of(bytes(32)).text[:-1] + "x", "invalid-token"),
        ("Bearer dashtam_access_" + "é" * 72, "invalid-token"),
        ("Bearer " + Token.of(bytes(32), TokenKind.REFRESH).text, "invalid-token"),
    ],
)
async def test_a_missing_or_invalid_token_is_refused(api: Api, header: str, kind: str) -> None:
    response = await api.get("users/me", Authorization=header)

    assert problem_of(response) == (401, kind)
    challenge = 'Bearer error="invalid_token"' if kind == "invalid-token" else "Bearer"
    assert response.headers["WWW-Authenticate"] == challenge


async def test_an_invalid_token_is_audited(api: Api) -> None:
    await api.get("users/me", Authorization="Bearer nonsense")

    entry = await AuditEntryModel.objects.aget()
    assert (entry.action, entry.result) == ("session.authenticate", "denied")
    assert entry.details == {"error": "invalid-token"}
