"""Emailed links, from the request to their use."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import ApiTokenModel, SessionModel, UserModel
from adapters.persistence.outbox.models import OutboxModel
from dashtam.container import container
from domain.identity.actions import USER_VIEWED
from domain.shared.events import SYSTEM
from domain.shared.ids import UserId
from domain.shared.limits import ATTEMPTS_PER_CREDENTIAL
from domain.shared.result import Success
from tests.api.client import PASSWORD, Api, problem_of
from tests.audit_trail import times_recorded
from tests.factories import just_now, make_api_token
from tests.mailbox import mailed

EMAIL = "ada@example.org"
ADA = {"email": EMAIL, "password": PASSWORD}
NEW = "another long password of hers"


def emails() -> list[tuple[str, str]]:
    """Return the recipients and subjects of emails."""
    return [(email.to[0], str(email.subject)) for email in mail.outbox]


async def log_in(password: str, email: str = EMAIL) -> int:
    reply = await Api().post("sessions", {"email": email, "password": password})
    return reply.status_code


class TestVerification:
    async def test_can_be_requested_again(self, api: Api) -> None:
        await api.post("users", ADA)
        first = mailed()

        repeated = await api.post("email-verifications", {"email": " ADA@example.org"})

        assert (repeated.status_code, repeated.json().keys()) == (202, {"detail"})
        assert mailed() != first
        refused = await api.put("email-verifications", {"token": first, "password": PASSWORD})
        assert problem_of(refused) == (422, "invalid-mailed-token")
        assert (
            await api.put("email-verifications", {"token": mailed(), "password": PASSWORD})
        ).status_code == 204

    async def test_a_replay_is_refused_and_audited(self, api: Api) -> None:
        await api.log_in()

        refused = await api.put("email-verifications", {"token": mailed(), "password": PASSWORD})

        assert problem_of(refused) == (422, "invalid-mailed-token")
        entry = await AuditEntryModel.objects.aget(action="email.verify")
        assert (entry.result, entry.details) == ("failure", {"error": "invalid-mailed-token"})

    async def test_a_second_registration_notifies_the_owner(self, api: Api) -> None:
        await api.post("users", ADA)
        await api.post("users", ADA)
        chosen = {"token": mailed(), "password": PASSWORD}
        assert (await api.put("password-resets", chosen)).status_code == 200

        await api.post("users", ADA)

        assert [subject for _, subject in emails()] == [
            "Welcome to Dashtam: confirm your email address",
            "Welcome to Dashtam: choose a password",
            "Your password was changed",
            "Somebody tried to register with your email address",
        ]

    async def test_three_emails_are_sent_per_hour(self, api: Api) -> None:
        await api.post("users", ADA)
        for _ in range(4):
            reply = await api.post("email-verifications", {"email": EMAIL})
            assert reply.status_code == 202

        assert len(emails()) == 3
        assert await times_recorded("letter.refused") == 2
        proof = {"token": mailed(), "password": PASSWORD}
        assert (await api.put("email-verifications", proof)).status_code == 204


class TestReset:
    async def test_sets_a_new_password_and_ends_other_access(self, api: Api) -> None:
        await api.log_in()
        user = await UserModel.objects.aget()
        good = container.ports.clock.now() + timedelta(days=1)
        program = make_api_token(UserId(user.id), expires_at=good)
        viewed = USER_VIEWED.record(subject_id=user.id, actor=SYSTEM, occurred_at=just_now())
        async with container.ports.unit_of_work(owner=user.id) as uow:
            assert await container.ports.api_tokens.add(program) == Success(None)
            await uow.commit(viewed)

        assert (await api.post("password-resets", {"email": EMAIL})).status_code == 202
        body = {"token": mailed(), "password": NEW}
        weak = await api.put("password-resets", {**body, "password": "short"})
        assert problem_of(weak) == (422, "weak-password")
        done = await api.put("password-resets", body)

        assert (done.status_code, done.json().keys()) == (200, {"device_token"})
        assert problem_of(await api.get("users/me")) == (401, "invalid-token")
        assert (await log_in(PASSWORD), await log_in(NEW)) == (401, 201)
        assert await ApiTokenModel.objects.filter(revoked_at=None).acount() == 0
        assert await SessionModel.objects.filter(ended_at=None).acount() == 1
        assert emails()[-1] == (EMAIL, "Your password was changed")
        replayed = await api.put("password-resets", body)
        assert problem_of(replayed) == (422, "invalid-mailed-token")
        assert await AuditEntryModel.objects.filter(action="password.reset").acount() == 2

    async def test_accepts_only_a_token_of_its_purpose(self, api: Api) -> None:
        await api.post("users", ADA)
        proof = mailed()

        refused = await api.put("password-resets", {"token": proof, "password": NEW})

        assert problem_of(refused) == (422, "invalid-mailed-token")
        assert (
            await api.put("email-verifications", {"token": proof, "password": PASSWORD})
        ).status_code == 204

    async def test_leaves_no_secret_behind(self, api: Api) -> None:
        await api.log_in()
        await api.post("password-resets", {"email": EMAIL})
        token = mailed()
        await api.put("password-resets", {"token": token, "password": NEW})

        stored = [row async for row in AuditEntryModel.objects.values_list("details", flat=True)]
        sent = [row async for row in OutboxModel.objects.values_list("payload", flat=True)]
        for secret in (token, NEW, EMAIL):
            assert secret not in str(stored) + str(sent)


class TestPatchMe:
    async def test_a_new_password_ends_every_other_session(self, api: Api) -> None:
        await api.log_in()
        other = Api()
        other.token = (await api.post("sessions", ADA)).json()["access_token"]

        changed = await api.patch("users/me", {"password": NEW})

        assert changed.status_code == 200
        assert changed.json() == (await api.get("users/me")).json()
        assert problem_of(await other.get("users/me")) == (401, "invalid-token")
        assert await SessionModel.objects.filter(ended_at=None).acount() == 1
        assert await AuditEntryModel.objects.filter(action="sessions.ended").acount() == 1
        assert (await log_in(PASSWORD), await log_in(NEW)) == (401, 201)
        assert emails()[-1] == (EMAIL, "Your password was changed")

    async def test_a_new_email_address_counts_once_it_is_verified(self, api: Api) -> None:
        await api.log_in()

        changed = await api.patch("users/me", {"email": "New@example.org"})

        addresses = (EMAIL, "new@example.org")
        assert (changed.json()["email"], changed.json()["wanted_email"]) == addresses
        assert emails()[-2:] == [
            ("new@example.org", "Confirm your new email address"),
            (EMAIL, "Your email address is about to change"),
        ]
        assert (
            await api.put("email-verifications", {"token": mailed(), "password": PASSWORD})
        ).status_code == 204
        current_user = (await api.get("users/me")).json()
        assert (current_user["email"], current_user["wanted_email"]) == ("new@example.org", None)
        assert emails()[-1] == (EMAIL, "Your email address was changed")
        assert (await log_in(PASSWORD), await log_in(PASSWORD, "new@example.org")) == (401, 201)
        assert (await UserModel.objects.aget()).former_email is None

    async def test_does_not_reveal_whose_email_address_it_is(self, api: Api) -> None:
        await Api().enter("eve@example.org")
        await api.log_in()

        free = await api.patch("users/me", {"email": "new@example.org"})
        refused = await api.patch("users/me", {"email": "eve@example.org"})

        assert (free.status_code, free.headers.keys()) == (200, refused.headers.keys())
        assert refused.status_code == 200
        same = {**free.json(), "wanted_email": "eve@example.org"}
        assert refused.json() == same
        assert emails()[-2] == (
            "eve@example.org",
            "Somebody tried to register with your email address",
        )

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            ({}, "invalid-body"),
            ({"email": None}, "invalid-body"),
            ({"name": "Ada"}, "invalid-body"),
            ({"email": "ada"}, "invalid-email"),
            ({"password": "short"}, "weak-password"),
            ({"password": f"{EMAIL} is my address"}, "weak-password"),
            ({"password": NEW, "email": "ada"}, "invalid-email"),
        ],
    )
    async def test_refuses_invalid_values(self, api: Api, body: Any, kind: str) -> None:
        await api.enter()
        before = (await api.get("users/me")).json()

        assert problem_of(await api.patch("users/me", body)) == (422, kind)

        # With another stamp the session would be over.
        assert (await api.get("users/me")).json() == before

    async def test_requires_a_recent_authentication(self, api: Api) -> None:
        await api.enter()
        await SessionModel.objects.aupdate(authenticated_at="2026-01-01T00:00Z")

        refused = await api.patch("users/me", {"password": NEW})

        assert problem_of(refused) == (401, "recent-authentication-required")


STRANGERS = "what the stranger chose first"


async def test_the_verifier_of_a_registration_chooses_the_password(api: Api) -> None:
    """An attacker registers an email address, and its owner follows the link in the email."""
    await api.post("users", {**ADA, "password": STRANGERS})
    token = mailed()

    for weak in ("short", EMAIL * 3):
        refused = await api.put("email-verifications", {"token": token, "password": weak})
        assert problem_of(refused) == (422, "weak-password")
    without = await api.put("email-verifications", {"token": token})
    assert problem_of(without) == (422, "invalid-body")
    proof = {"token": token, "password": PASSWORD}
    assert (await api.put("email-verifications", proof)).status_code == 204

    assert await log_in(STRANGERS) == 401
    assert await log_in(PASSWORD) == 201


async def test_an_email_address_is_not_added_to_a_strangers_account(api: Api) -> None:
    """An attacker requests the email address for their account, and its owner follows the link."""
    eve = await api.log_in("eve@example.org")
    await eve.patch("users/me", {"email": EMAIL})
    token = mailed()

    for _ in range(ATTEMPTS_PER_CREDENTIAL):
        refused = await Api().put("email-verifications", {"token": token, "password": NEW})
        assert problem_of(refused) == (401, "invalid-credentials")
    limited = await Api().put("email-verifications", {"token": token, "password": PASSWORD})

    assert problem_of(limited) == (429, "too-many-requests")
    assert (await UserModel.objects.aget()).email == "eve@example.org"
    assert await log_in(NEW, "eve@example.org") == 401
    entries = AuditEntryModel.objects.filter(action="email.verify", result="denied")
    assert await entries.acount() == ATTEMPTS_PER_CREDENTIAL + 1


async def test_a_squatter_cannot_use_an_account_verified_by_the_owner(api: Api) -> None:
    """An attacker registers an email address, and waits for its owner to confirm it."""
    await api.post("users", {**ADA, "password": STRANGERS})

    assert (await api.post("users", ADA)).status_code == 202
    body = {"token": mailed(), "password": PASSWORD}
    # The attacker requests the verification email: its reader chooses the password.
    await api.post("email-verifications", {"email": EMAIL})
    proof = {"token": mailed(), "password": NEW}
    assert (await api.put("email-verifications", proof)).status_code == 204
    assert (await log_in(STRANGERS), await log_in(NEW)) == (401, 201)

    assert (await api.put("password-resets", body)).status_code == 200
    assert (await log_in(STRANGERS), await log_in(NEW)) == (401, 401)
    assert await log_in(PASSWORD) == 201


async def test_a_second_registration_invalidates_the_first_email(
    api: Api,
) -> None:
    await api.post("users", {**ADA, "password": STRANGERS})
    first = mailed()

    await api.post("users", ADA)

    assert (
        await api.put("email-verifications", {"token": first, "password": PASSWORD})
    ).status_code == 422
    assert await AuditEntryModel.objects.filter(action="user.password_withdrawn").acount() == 1
