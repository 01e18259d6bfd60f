"""Second factors over HTTP: enrolling, confirming, recovery codes, removing."""

from datetime import timedelta

import pytest
from django.db.models import F

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import RecoveryCodeModel, SessionModel
from domain.identity.entities import Session
from domain.shared.ids import new_id
from tests.api.client import Api, problem_of
from tests.api.second_factors import WHO, confirmed, enrolled, listed


async def trail(action: str) -> list[tuple[str, dict[str, object]]]:
    entries = AuditEntryModel.objects.filter(action=action).order_by("id")
    return [(entry.result, entry.details) async for entry in entries]


async def forget_the_proof() -> None:
    """Make the authentication of all sessions too old."""
    long_ago = Session.RECENT_AUTHENTICATION + timedelta(seconds=1)
    await SessionModel.objects.aupdate(authenticated_at=F("authenticated_at") - long_ago)


class TestEnrolling:
    async def test_shows_the_secret_only_once(self, api: Api) -> None:
        await api.enter()

        reply = await api.call("post", "second-factors")

        body = reply.json()
        assert reply.status_code == 201
        assert reply.headers["Location"] == f"/api/v1/second-factors/{body['id']}"
        assert reply.headers["Cache-Control"] == "no-store"
        assert body["uri"].startswith("otpauth://totp/Dashtam:ada%40example.org?")
        assert f"secret={body['secret']}" in body["uri"]
        assert body["qr_code"].startswith("<svg")
        repeated = await api.get("second-factors")
        assert body["secret"] not in repeated.text
        assert repeated.json()["items"][0].keys() == {
            *("id", "enrolled_at", "confirmed_at", "recovery_codes_left")
        }

    async def test_replaces_an_unconfirmed_factor(self, api: Api) -> None:
        await api.enter()
        before = await enrolled(api)
        after = await enrolled(api)

        old = await api.put(f"second-factors/{before.id}", {"code": before.code()})
        new = await api.put(f"second-factors/{after.id}", {"code": after.code()})

        assert problem_of(old) == (404, "second-factor-not-found")
        assert new.status_code == 200
        assert [each["id"] for each in await listed(api)] == [after.id]

    async def test_does_not_replace_a_confirmed_factor(self, api: Api) -> None:
        await api.enter()
        device, _ = await confirmed(api)

        refused = await api.call("post", "second-factors")

        assert problem_of(refused) == (409, "second-factor-exists")
        assert [each["id"] for each in await listed(api)] == [device.id]

    async def test_requires_no_code_before_confirmation(self, api: Api) -> None:
        await api.log_in()
        await enrolled(api)

        assert (await api.post("sessions", WHO)).status_code == 201


class TestConfirming:
    async def test_returns_recovery_codes_and_is_audited(self, api: Api) -> None:
        await api.enter()

        device, codes = await confirmed(api)

        assert len(set(codes)) == 10
        (factor,) = await listed(api)
        assert factor["confirmed_at"]
        assert factor["recovery_codes_left"] == 10
        assert await trail("second_factor.confirmed") == [("success", {})]
        assert await trail("recovery_codes.issued") == [("success", {"count": 10})]
        stored = [bytes(row.digest) async for row in RecoveryCodeModel.objects.all()]
        assert {len(digest) for digest in stored} == {32}
        entries = str([entry.details async for entry in AuditEntryModel.objects.all()])
        assert [secret for secret in (*codes, device.secret) if secret in entries] == []

    async def test_accepts_a_code_with_spaces(self, api: Api) -> None:
        await api.enter()
        device = await enrolled(api)
        code = device.code()

        reply = await api.put(f"second-factors/{device.id}", {"code": f" {code[:3]} {code[3:]} "})

        assert reply.status_code == 200

    @pytest.mark.parametrize("code", ["", "1", "abcdef", "٠٠٠٠٠٠"])
    async def test_refuses_an_invalid_code_and_is_audited(self, api: Api, code: str) -> None:
        await api.enter()
        device = await enrolled(api)

        for each in (code, device.wrong()):
            refused = await api.put(f"second-factors/{device.id}", {"code": each})
            assert problem_of(refused) == (422, "wrong-code")

        assert (await listed(api))[0]["confirmed_at"] is None
        refusal = ("failure", {"error": "wrong-code"})
        assert await trail("second_factor.confirm") == [refusal, refusal]

    async def test_happens_once(self, api: Api) -> None:
        await api.enter()
        device, codes = await confirmed(api)

        repeated = await api.put(f"second-factors/{device.id}", {"code": device.code(1)})

        assert problem_of(repeated) == (409, "second-factor-exists")
        assert (await listed(api))[0]["recovery_codes_left"] == len(codes)

    async def test_leaves_other_sessions_active(self, api: Api) -> None:
        await api.log_in()
        other = Api()
        other.token = (await api.post("sessions", WHO)).json()["access_token"]

        await confirmed(api)

        assert (await other.get("users/me")).status_code == 200


class TestRecoveryCodes:
    async def test_replace_earlier_ones(self, api: Api) -> None:
        await api.log_in()
        _, before = await confirmed(api)

        reply = await api.call("post", "second-factors/recovery-codes")

        after = reply.json()["recovery_codes"]
        assert reply.status_code == 201
        assert len(set(after) - set(before)) == 10
        old = await api.post("sessions", {**WHO, "code": before[0]})
        new = await api.post("sessions", {**WHO, "code": after[0]})
        assert problem_of(old) == (401, "second-factor-required")
        assert new.status_code == 201
        assert (await listed(api))[0]["recovery_codes_left"] == 9

    async def test_require_a_confirmed_factor(self, api: Api) -> None:
        await api.enter()
        missing = (404, "second-factor-not-found")

        without = await api.call("post", "second-factors/recovery-codes")
        await enrolled(api)
        unconfirmed = await api.call("post", "second-factors/recovery-codes")

        assert problem_of(without) == problem_of(unconfirmed) == missing
        assert await RecoveryCodeModel.objects.acount() == 0


class TestRemoving:
    async def test_deletes_recovery_codes_too(self, api: Api) -> None:
        await api.log_in()
        device, _ = await confirmed(api)

        removed = await api.delete(f"second-factors/{device.id}")

        assert removed.status_code == 204
        assert await listed(api) == []
        assert await RecoveryCodeModel.objects.acount() == 0
        assert (await api.post("sessions", WHO)).status_code == 201
        assert await trail("second_factor.removed") == [("success", {})]

    async def test_of_another_user_is_not_found(self, api: Api) -> None:
        await api.enter()
        device, _ = await confirmed(api)
        await api.enter("eve@example.org")
        mine = await enrolled(api)

        for wrong in (device.id, str(new_id())):
            for method, body in (("delete", None), ("put", {"code": mine.code()})):
                sent = {"data": body, "content_type": "application/json"} if body else {}
                reply = await api.call(method, f"second-factors/{wrong}", **sent)
                assert problem_of(reply) == (404, "second-factor-not-found")

        assert (await listed(api))[0]["id"] == mine.id


class TestRecentAuthentication:
    async def test_of_a_few_minutes_ago_is_required(self, api: Api) -> None:
        await api.enter()
        device, _ = await confirmed(api)
        await forget_the_proof()

        for method, path in [
            ("post", "second-factors"),
            ("post", "second-factors/recovery-codes"),
            ("delete", f"second-factors/{device.id}"),
        ]:
            reply = await api.call(method, path)
            assert problem_of(reply) == (401, "recent-authentication-required"), path
            assert "insufficient_user_authentication" in reply.headers["WWW-Authenticate"]

        assert (await listed(api))[0]["recovery_codes_left"] == 10

    async def test_is_required_to_confirm_an_earlier_enrolment(self, api: Api) -> None:
        await api.enter()
        device = await enrolled(api)
        await forget_the_proof()

        refused = await api.put(f"second-factors/{device.id}", {"code": device.code()})

        assert problem_of(refused) == (401, "recent-authentication-required")
        assert (await listed(api))[0]["confirmed_at"] is None

    async def test_is_not_required_for_reading(self, api: Api) -> None:
        await api.enter()
        await forget_the_proof()

        assert await listed(api) == []
        assert await trail("second_factors.viewed") == [("success", {"count": 0})]
