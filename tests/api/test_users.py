"""Registering, and being known."""

from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import UserModel
from adapters.persistence.outbox.models import OutboxModel
from tests.api.client import PASSWORD, Api, problem_of
from tests.mailbox import mailed

ADA = {"email": "ada@example.org", "password": PASSWORD}


async def test_a_user_is_registered(api: Api) -> None:
    response = await api.post("users", {**ADA, "email": " Ada@Example.ORG "})

    assert (response.status_code, response.json().keys()) == (202, {"detail"})
    row = await UserModel.objects.aget()
    assert (row.email, row.verified_at) == ("ada@example.org", None)
    assert PASSWORD not in row.password_hash


async def test_a_registration_is_audited_and_announced(api: Api) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    await api.post("users", ADA, traceparent=f"00-{trace_id}-00f067aa0ba902b7-01")

    user = await UserModel.objects.aget()
    entry = await AuditEntryModel.objects.aget(action="user.registered")
    assert (entry.action, entry.result, entry.actor_kind) == ("user.registered", "success", "user")
    assert entry.resource_id == entry.actor_id == user.id
    assert (entry.trace_id, entry.ip_address) == (trace_id, "127.0.0.1")
    assert "ada@" not in str(entry.details)
    event = await OutboxModel.objects.aget()
    assert (event.id, event.type, event.trace_id) == (entry.id, "user.registered", trace_id)
    assert "ada@" not in str(event.payload)
    assert event.delivered_at is not None


async def test_a_duplicate_email_address_is_not_revealed(api: Api) -> None:
    first = await api.post("users", ADA)

    response = await api.post("users", {**ADA, "email": "ADA@example.org"})

    assert (response.status_code, response.text) == (first.status_code, first.text)
    assert await UserModel.objects.acount() == 1
    repeated = await AuditEntryModel.objects.aget(action="registration.repeated")
    assert repeated.resource_id == (await UserModel.objects.aget()).id
    assert repeated.result == "failure"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({**ADA, "email": "ada"}, "invalid-email"),
        ({**ADA, "email": "ada@example"}, "invalid-email"),
        ({**ADA, "email": "ada@exam ple.org"}, "invalid-email"),
        ({**ADA, "password": "only 14 chars."}, "weak-password"),
        ({**ADA, "password": "x" * 1025}, "weak-password"),
        ({**ADA, "password": "x" * 15}, "weak-password"),
        ({**ADA, "password": "passwordpassword"}, "weak-password"),
        ({**ADA, "password": "it is ada@example.org, me"}, "weak-password"),
        ({**ADA, "admin": True}, "invalid-body"),
        ({**ADA, "email": None}, "invalid-body"),
        ({**ADA, "email": 7}, "invalid-body"),
        ({"email": ADA["email"]}, "invalid-body"),
        ({**ADA, "email": "ada\0@example.org"}, "invalid-body"),
        ({**ADA, "password": PASSWORD + "\0"}, "invalid-body"),
        ({**ADA, "password": PASSWORD + "\ud800"}, "invalid-body"),
        ([], "invalid-body"),
        ("text", "invalid-body"),
    ],
)
async def test_invalid_values_are_refused(api: Api, body: Any, kind: str) -> None:
    response = await api.post("users", body)

    assert problem_of(response) == (422, kind)
    assert PASSWORD not in response.text
    assert await UserModel.objects.acount() == 0


async def test_long_passwords_in_any_script_are_accepted(api: Api) -> None:
    credentials = {
        "email": "ada@example.org",
        "password": "съешь же ещё этих мягких булок 🔑 да выпей чаю",
    }

    assert (await api.post("users", credentials)).status_code == 202
    proof = {"token": mailed(), "password": credentials["password"]}
    assert (await api.put("email-verifications", proof)).status_code == 204
    assert (await api.post("sessions", credentials)).status_code == 201


async def test_the_current_user_is_shown(api: Api) -> None:
    await api.enter()

    response = await api.get("users/me")

    assert response.status_code == 200
    assert response.json()["email"] == "ada@example.org"
    assert response.headers["Cache-Control"] == "no-store"
    assert await AuditEntryModel.objects.filter(action="user.viewed").acount() == 1
