"""Log-ins with a second factor, and proving again within a session."""

from datetime import timedelta

import pytest
from django.db.models import F

from adapters.audit.models import AuditEntryModel
from adapters.persistence.identity.models import SecondFactorModel, SessionModel, UserModel
from tests.api.client import PASSWORD, Api, problem_of
from tests.api.second_factors import WHO, confirmed, enrolled, listed
from tests.api.test_second_factors import forget_the_proof, trail

NEEDED = (401, "second-factor-required")


async def reasons() -> list[str]:
    return [str(details["reason"]) for _, details in await trail("login.failed")]


class TestLogIn:
    async def test_asks_for_a_code(self, api: Api) -> None:
        await api.log_in()
        await confirmed(api)
        before = await SessionModel.objects.acount()

        for nothing in ({}, {"code": None}, {"code": ""}, {"code": " "}):
            assert problem_of(await api.post("sessions", {**WHO, **nothing})) == NEEDED

        assert await SessionModel.objects.acount() == before
        assert await reasons() == ["no-code"] * 4

    async def test_does_not_mention_the_code_after_a_wrong_password(self, api: Api) -> None:
        await api.log_in()
        device, _ = await confirmed(api)
        wrong = {**WHO, "password": "incorrect horse battery"}

        for more in ({}, {"code": device.code(1)}):
            refused = await api.post("sessions", {**wrong, **more})
            assert problem_of(refused) == (401, "invalid-credentials")

        assert (await api.post("sessions", {**WHO, "code": device.code(1)})).status_code == 201

    async def test_accepts_a_code_once(self, api: Api) -> None:
        await api.log_in()
        device, _ = await confirmed(api)
        code = device.code(1)

        first = await api.post("sessions", {**WHO, "code": f"{code[:3]} {code[3:]}"})
        second = await api.post("sessions", {**WHO, "code": code})

        assert first.status_code == 201
        assert problem_of(second) == NEEDED
        assert await reasons() == ["code-replayed"]

    async def test_refuses_the_code_that_confirmed(self, api: Api) -> None:
        await api.log_in()
        device = await enrolled(api)
        code = device.code()
        await api.put(f"second-factors/{device.id}", {"code": code})

        assert problem_of(await api.post("sessions", {**WHO, "code": code})) == NEEDED
        assert await reasons() == ["code-replayed"]

    @pytest.mark.parametrize("code", ["1", "1234567", "²²²²²²", "1" * 64])
    async def test_refuses_wrong_codes(self, api: Api, code: str) -> None:
        await api.log_in()
        device, _ = await confirmed(api)

        for each in (code, device.wrong()):
            assert problem_of(await api.post("sessions", {**WHO, "code": each})) == NEEDED

        assert await reasons() == ["wrong-code"] * 2

    async def test_accepts_a_recovery_code_once_in_any_spelling(self, api: Api) -> None:
        await api.log_in()
        _, codes = await confirmed(api)
        written = (
            codes[0],
            codes[1].upper(),
            codes[2].replace("-", ""),
            f" {codes[3].replace('-', ' ')}\n",
        )

        for code in written:
            assert (await api.post("sessions", {**WHO, "code": code})).status_code == 201
        for code in written:
            assert problem_of(await api.post("sessions", {**WHO, "code": code})) == NEEDED

        assert (await listed(api))[0]["recovery_codes_left"] == 6
        assert await trail("recovery_code.used") == [
            ("success", {"left": left}) for left in (9, 8, 7, 6)
        ]
        assert await reasons() == ["recovery-code-not-good"] * 4

    @pytest.mark.parametrize("code", ["x", "aaaaaa-aaaaaa-aaaaaa-aaaaaa", "é" * 24, "a" * 64])
    async def test_refuses_an_invalid_recovery_code(self, api: Api, code: str) -> None:
        await api.log_in()
        await confirmed(api)

        assert problem_of(await api.post("sessions", {**WHO, "code": code})) == NEEDED
        assert await reasons() == ["recovery-code-not-good"]

    async def test_refuses_another_users_recovery_code(self, api: Api) -> None:
        await api.log_in("eve@example.org")
        _, codes = await confirmed(api)
        api.token = ""
        await api.log_in()
        await confirmed(api)

        assert problem_of(await api.post("sessions", {**WHO, "code": codes[0]})) == NEEDED

    async def test_ignores_a_code_without_a_factor(self, api: Api) -> None:
        await api.log_in()

        assert (await api.post("sessions", {**WHO, "code": "123456"})).status_code == 201

    async def test_is_refused_alike_with_any_code_if_the_user_may_not_log_in(
        self, api: Api
    ) -> None:
        await api.log_in()
        device, codes = await confirmed(api)
        await UserModel.objects.aupdate(erase_after=F("registered_at") + timedelta(days=14))

        for code in (device.code(1), codes[0], None):
            refused = await api.post("sessions", {**WHO, "code": code})
            assert problem_of(refused) == (401, "invalid-credentials")

        assert await reasons() == ["deleted"] * 3
        assert (await SecondFactorModel.objects.aget()).last_step > 0


class TestRecentAuthentication:
    async def test_allows_what_requires_it(self, api: Api) -> None:
        await api.log_in()
        await forget_the_proof()
        refused = await api.call("post", "second-factors")
        assert problem_of(refused) == (401, "recent-authentication-required")

        proved = await api.put("sessions/current", {"password": PASSWORD})

        assert (proved.status_code, proved.text) == (204, "")
        assert (await api.call("post", "second-factors")).status_code == 201
        assert await trail("session.proved") == [("success", {})]

    async def test_counts_only_for_its_session(self, api: Api) -> None:
        await api.log_in()
        other = Api()
        other.token = (await api.post("sessions", WHO)).json()["access_token"]
        await forget_the_proof()

        await api.put("sessions/current", {"password": PASSWORD})

        refused = await other.call("post", "second-factors")
        assert problem_of(refused) == (401, "recent-authentication-required")

    async def test_requires_the_password(self, api: Api) -> None:
        await api.log_in()
        await forget_the_proof()

        refused = await api.put("sessions/current", {"password": "incorrect horse battery"})

        assert problem_of(refused) == (401, "invalid-credentials")
        still = await api.call("post", "second-factors")
        assert problem_of(still) == (401, "recent-authentication-required")
        (entry,) = [e async for e in AuditEntryModel.objects.filter(action="login.failed")]
        user = await UserModel.objects.aget()
        assert (entry.resource_id, entry.actor_id) == (user.id, user.id)
        assert entry.details == {"reason": "wrong-password"}
        assert not await AuditEntryModel.objects.filter(action="session.prove").aexists()

    async def test_requires_the_code_too_and_accepts_it_once(self, api: Api) -> None:
        await api.log_in()
        device, codes = await confirmed(api)
        await forget_the_proof()
        code = device.code(1)

        without = await api.put("sessions/current", {"password": PASSWORD})
        wrong = await api.put("sessions/current", {"password": PASSWORD, "code": device.wrong()})
        right = await api.put("sessions/current", {"password": PASSWORD, "code": code})
        repeated = await api.put("sessions/current", {"password": PASSWORD, "code": code})
        log_in = await api.post("sessions", {**WHO, "code": code})
        recovery = await api.put("sessions/current", {"password": PASSWORD, "code": codes[0]})

        assert problem_of(without) == problem_of(wrong) == NEEDED
        assert right.status_code == recovery.status_code == 204
        assert problem_of(repeated) == problem_of(log_in) == NEEDED
        assert await reasons() == ["no-code", "wrong-code", "code-replayed", "code-replayed"]

    async def test_leaves_the_tokens_valid(self, api: Api) -> None:
        await api.log_in()
        before = await SessionModel.objects.aget()

        await api.put("sessions/current", {"password": PASSWORD})

        after = await SessionModel.objects.aget()
        assert after.authenticated_at > before.authenticated_at
        assert (after.token_digest, after.expires_at) == (before.token_digest, before.expires_at)
        assert (await api.get("users/me")).status_code == 200
