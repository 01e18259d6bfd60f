"""Connections over HTTP: begun, authorised step by step, synced, paused, renewed and ended."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail

from adapters.persistence.connections.models import CredentialModel, PendingStepModel
from adapters.providers.sandbox.authorisation import TAN
from dashtam.container import container
from domain.identity.values import Scope
from domain.shared.ids import new_id
from tests.api.client import Api, Reply, problem_of
from tests.connected import accounts, begin, count, items, links, offering, shown, sync
from tests.written_bank import SHORT

NAMES = ["Brokerage", "Everyday Checking", "Savings", "Travel Card"]


@pytest.fixture
def one_window() -> Iterator[None]:
    """The sandbox has a month of history, which one request fetches."""
    with offering():
        yield


async def answer(api: Api, connection: Any, **given: str) -> Reply:
    return await api.post(f"connections/{connection['id']}/answer", {"given": given})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class TestProviders:
    async def test_say_what_they_ask_and_how_often_they_may_be_asked(self, api: Api) -> None:
        await api.enter()

        (sandbox,) = [e for e in await items(api, "providers") if e["slug"] == "sandbox"]

        asked = [(each["name"], each["optional"]) for each in sandbox["fields"]]
        assert asked == [("step", True), ("trouble", True), ("consent", True)]
        assert sandbox["fields"][0]["options"] == ["immediate", "redirect", "ask", "wait"]
        del sandbox["fields"]
        assert sandbox == {
            "slug": "sandbox",
            "name": "Sandbox",
            "window_days": 44,
            "history_days": 365,
            "requests_per_day": 200,
            "sync_interval_hours": 12.0,
        }

    async def test_secret_fields_say_so(self, api: Api) -> None:
        await api.enter()

        (simplefin,) = [e for e in await items(api, "providers") if e["slug"] == "simplefin"]

        assert [(e["name"], e["secret"]) for e in simplefin["fields"]] == [("setup_token", True)]


class TestBeginning:
    async def test_may_need_no_step(self, api: Api) -> None:
        await api.enter()

        made = await begin(api, step="immediate")

        assert (made["status"], made["step"], made["need"]) == ("active", None, None)
        assert (made["name"], made["institution"]) == ("Sandbox", "Sandbox Bank")
        assert made["next_attempt_reason"] == "answered"
        assert [each["ended_at"] for each in made["consents"]] == [None]
        assert [each.subject for each in mail.outbox] == ["A financial institution was connected"]

    async def test_may_lead_to_the_bank_and_back_with_parameters(self, api: Api) -> None:
        await api.enter()

        made = await begin(api, step="redirect")

        assert (made["status"], made["step"]["kind"]) == ("authorising", "redirect")
        assert made["next_attempt_at"] is None
        query = parse_qs(urlsplit(made["step"]["url"]).query)
        done = await answer(api, made, **{name: values[0] for name, values in query.items()})
        assert (done.status_code, done.json()["status"]) == (200, "active")

    async def test_may_lead_to_the_bank_and_back_with_an_address(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="redirect")

        done = await answer(api, made, url=made["step"]["url"])

        assert (done.status_code, done.json()["status"]) == (200, "active")

    async def test_may_ask_for_a_tan(self, api: Api) -> None:
        await api.enter()

        made = await begin(api, step="ask")

        assert made["step"]["kind"] == "ask"
        assert [(e["name"], e["secret"]) for e in made["step"]["fields"]] == [("tan", True)]
        done = await answer(api, made, tan=TAN)
        assert (done.json()["status"], done.json()["step"]) == ("active", None)

    async def test_may_wait_for_an_app(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="wait")

        waits = [made, *[(await answer(api, made)).json() for _ in range(3)]]

        assert [each["status"] for each in waits] == [*["authorising"] * 3, "active"]
        assert [each["step"] and each["step"]["poll_after"] for each in waits] == [2, 2, 2, None]

    async def test_has_a_name_if_one_is_given(self, api: Api) -> None:
        await api.enter()

        made = await api.post("connections", {"provider": "sandbox", "name": " Mine ", "given": {}})

        assert made.json()["name"] == "Mine"
        assert made.headers["Location"].endswith(f"connections/{made.json()['id']}")

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"provider": "nobody", "given": {}}, (404, "provider-not-found")),
            ({"provider": "sandbox", "given": {"step": "jump"}}, (422, "answer-refused")),
            ({"provider": "sandbox", "given": {"pin": "1"}}, (422, "answer-refused")),
            ({"provider": "simplefin", "given": {}}, (422, "answer-refused")),
            ({"provider": "simplefin", "given": {"setup_token": "x"}}, (422, "answer-refused")),
        ],
    )
    async def test_is_refused_and_leaves_nothing(
        self, api: Api, body: Any, problem: tuple[int, str]
    ) -> None:
        await api.enter()

        assert problem_of(await api.post("connections", body)) == problem
        assert await items(api, "connections") == []


class TestSteps:
    async def test_a_wrong_tan_ends_the_step(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="ask")

        assert problem_of(await answer(api, made, tan="000000")) == (422, "answer-refused")

        assert (await shown(api, made))["step"] is None
        assert problem_of(await answer(api, made, tan=TAN)) == (409, "no-step-pending")
        again = await api.post(f"connections/{made['id']}/renew", {"given": {"step": "ask"}})
        assert again.json()["step"]["kind"] == "ask"
        assert (await answer(api, made, tan=TAN)).json()["status"] == "active"

    async def test_what_was_not_asked_leaves_the_step(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="ask")

        assert problem_of(await answer(api, made, pin="1234")) == (422, "answer-refused")

        assert (await answer(api, made, tan=TAN)).json()["status"] == "active"

    async def test_an_expired_one_is_over(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="ask")
        await PendingStepModel.objects.aupdate(expires_at=container.ports.clock.now())

        assert (await shown(api, made))["step"] is None
        assert problem_of(await answer(api, made, tan=TAN)) == (409, "no-step-pending")
        assert (await shown(api, made))["status"] == "authorising"

    async def test_a_refusal_at_the_bank_grants_nothing(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="redirect")
        url = made["step"]["url"].replace("code=sandbox", "error=access_denied")

        assert problem_of(await answer(api, made, url=url)) == (422, "answer-refused")
        assert (await shown(api, made))["status"] == "authorising"

    async def test_nobody_else_can_answer_one(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="ask")
        bob = await Api(delivers=True).enter("bob@example.org")

        missing = (404, "connection-not-found")
        assert problem_of(await answer(bob, made, tan=TAN)) == missing
        assert problem_of(await bob.get(f"connections/{made['id']}")) == missing
        assert problem_of(await bob.post(f"connections/{made['id']}/sync", {})) == missing
        assert await items(bob, "connections") == []

    async def test_one_is_not_answered_with_the_address_of_another(self, api: Api) -> None:
        """Otherwise a stranger could have somebody consent, and get the account as their own."""
        await api.enter()
        mine = await begin(api, step="redirect")
        other = await begin(api, step="redirect")

        refused = await answer(api, mine, url=other["step"]["url"])

        assert problem_of(refused) == (422, "answer-refused")
        assert (await shown(api, mine))["status"] == "authorising"

    async def test_the_page_to_which_banks_send_people_does_nothing(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="redirect")
        api.token = ""

        page = await api.get("/connections/callback?state=stolen&code=sandbox")

        assert (page.status_code, page.headers["Content-Type"]) == (
            200,
            "text/plain; charset=utf-8",
        )
        assert "stolen" not in page.text
        assert await PendingStepModel.objects.filter(connection_id=made["id"]).aexists()


class TestSyncs:
    @pytest.mark.slow
    async def test_fetch_all_history_and_say_how_far_it_reaches(self, api: Api) -> None:
        await api.enter()
        made = await begin(api)

        synced = await sync(api)

        assert synced is None
        done, found = await shown(api, made), await accounts(api)
        today = _moment(done["complete_at"]).date()
        assert (done["accounts"], done["failing_accounts"]) == (4, 0)
        # The first request has no accounts yet: eight others lead back to the beginning.
        assert done["requests_left"] == 200 - 9
        assert sorted(found) == NAMES
        for each in found.values():
            assert each["sync"]["covered_from"] == (today - timedelta(365)).isoformat()
            assert each["sync"]["covered_to"] == today.isoformat()

    @pytest.mark.usefixtures("one_window")
    async def test_enter_accounts_and_transactions(self, api: Api) -> None:
        await api.enter()
        made = await begin(api)

        await sync(api)

        done, found = await shown(api, made), await accounts(api)
        today = _moment(done["complete_at"]).date()
        assert (done["status"], done["detail"], done["next_attempt_reason"]) == (
            *("active", ""),
            "interval",
        )
        assert done["complete_at"] == done["attempted_at"] is not None
        assert sorted(found) == NAMES
        assert await count(api, found["Travel Card"]) > 20
        assert found["Travel Card"]["sync"] == {
            "connection_id": made["id"],
            "provider": "sandbox",
            "status": "active",
            "need": None,
            "detail": "",
            "problem_since": None,
            "complete_at": (await links(api, made))["Travel Card"]["answered_at"],
            "covered_from": (today - timedelta(SHORT.history_days)).isoformat(),
            "covered_to": today.isoformat(),
            "next_attempt_at": done["next_attempt_at"],
            "next_attempt_reason": "interval",
            "requests_left": SHORT.requests_per_day - 1,
        }
        waits = _moment(done["next_attempt_at"]) - _moment(done["complete_at"])
        assert abs(waits - SHORT.interval) < timedelta(minutes=1)

    @pytest.mark.usefixtures("one_window")
    async def test_are_not_repeated_before_they_are_due(self, api: Api) -> None:
        await api.enter()
        made = await begin(api)
        await sync(api)
        before = await shown(api, made)

        assert await container.sync_runner.sync_due() == 0
        assert await shown(api, made) == before

    @pytest.mark.usefixtures("one_window")
    async def test_now_asks_again_and_enters_nothing_twice(self, api: Api) -> None:
        await api.enter()
        made = await begin(api)
        await sync(api)
        before = {name: await count(api, each) for name, each in (await accounts(api)).items()}
        # The second request is for the last weeks only, and the third one for the same.
        await sync(api, made)
        reported, imports = await links(api, made), await items(api, "imports")

        done = await sync(api, made)

        after = {name: await count(api, each) for name, each in (await accounts(api)).items()}
        assert (done["requests_left"], after) == (SHORT.requests_per_day - 3, before)
        assert await items(api, "imports") == imports
        for name, each in (await links(api, made)).items():
            assert each["import_id"] == reported[name]["import_id"]
            assert each["answered_at"] > reported[name]["answered_at"]

    async def test_are_refused_before_there_is_an_authorisation(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="ask")

        refused = await api.post(f"connections/{made['id']}/sync", {})

        assert problem_of(refused) == (409, "connection-not-ready")


@pytest.mark.usefixtures("one_window")
class TestChanges:
    async def test_a_paused_one_is_synced_only_when_somebody_asks(self, api: Api) -> None:
        await api.enter()
        made = await begin(api)

        paused = (await api.patch(f"connections/{made['id']}", {"paused": True})).json()

        assert (paused["status"], paused["next_attempt_at"]) == ("paused", None)
        assert await container.sync_runner.sync_due() == 0
        done = await sync(api, made)
        assert (done["status"], done["accounts"], done["next_attempt_at"]) == ("paused", 4, None)
        assert {e["sync"]["status"] for e in (await accounts(api)).values()} == {"paused"}

    async def test_a_resumed_one_is_due_at_once(self, api: Api) -> None:
        await api.enter()
        made = await begin(api)
        await api.patch(f"connections/{made['id']}", {"paused": True})

        resumed = (await api.patch(f"connections/{made['id']}", {"paused": False})).json()

        assert (resumed["status"], resumed["next_attempt_reason"]) == ("active", "requested")
        assert await container.sync_runner.sync_due() == 1

    async def test_one_is_renamed(self, api: Api) -> None:
        await api.enter()
        made = await begin(api)

        named = await api.patch(f"connections/{made['id']}", {"name": "Joint account"})

        assert named.json() == {**made, "name": "Joint account"}
        assert problem_of(await api.patch(f"connections/{made['id']}", {"name": ""}))[0] == 422

    async def test_only_an_active_one_is_paused(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="ask")

        refused = await api.patch(f"connections/{made['id']}", {"paused": True})

        assert problem_of(refused) == (409, "connection-not-ready")

    async def test_a_renewal_changes_no_account(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, consent="six-days")
        await sync(api)
        before, ledger = await links(api, made), await accounts(api)
        rows = {name: await count(api, each) for name, each in ledger.items()}

        renewed = await api.post(
            f"connections/{made['id']}/renew", {"given": {"step": "ask", "consent": "unlimited"}}
        )
        # The old consent lasts until the new one is given.
        assert renewed.json()["status"] == "active"
        assert renewed.json()["consent_until"] is not None
        done = (await answer(api, made, tan=TAN)).json()
        await sync(api)

        assert (done["id"], done["status"], done["consent_until"]) == (made["id"], "active", None)
        assert [each["ended_at"] is None for each in done["consents"]] == [True, False]
        after = await links(api, made)
        assert {n: (e["id"], e["account_id"]) for n, e in after.items()} == {
            n: (e["id"], e["account_id"]) for n, e in before.items()
        }
        found = await accounts(api)
        assert {n: e["id"] for n, e in found.items()} == {n: e["id"] for n, e in ledger.items()}
        assert {name: await count(api, each) for name, each in found.items()} == rows
        assert len(await items(api, "connections")) == 1

    async def test_the_end_of_a_consent_is_announced_once(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, consent="six-days")
        await sync(api)
        await sync(api, made)

        subjects = [each.subject for each in mail.outbox]
        assert subjects.count("Your consent to a connection ends soon") == 1

    async def test_an_ended_one_leaves_the_ledger_and_forgets_credentials(self, api: Api) -> None:
        await api.enter()
        made = await begin(api)
        await sync(api)
        rows = {name: await count(api, each) for name, each in (await accounts(api)).items()}

        assert (await api.delete(f"connections/{made['id']}")).status_code == 204

        done, found = await shown(api, made), await accounts(api)
        assert (done["status"], done["next_attempt_at"]) == ("revoked", None)
        assert all(each["ended_at"] for each in done["consents"])
        assert {name: await count(api, each) for name, each in found.items()} == rows
        assert {each["sync"] for each in found.values()} == {None}
        assert await CredentialModel.objects.acount() == 0
        refusals: list[tuple[str, Any]] = [("sync", {}), ("renew", {"given": {}})]
        for path, body in refusals:
            refused = await api.post(f"connections/{made['id']}/{path}", body)
            assert problem_of(refused) == (409, "connection-not-ready")


class TestTokensOfPrograms:
    async def test_need_the_scopes_of_connections(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, step="ask")
        reads = await api.program(Scope.READ_CONNECTIONS)
        writes = await api.program(Scope.WRITE_CONNECTIONS)
        other = await api.program(Scope.READ_ACCOUNTS)

        lacking = (403, "scope-missing")
        assert (await shown(reads, made))["id"] == made["id"]
        assert problem_of(await answer(reads, made, tan=TAN)) == lacking
        assert problem_of(await other.get("connections")) == lacking
        assert problem_of(await other.get("providers")) == lacking
        assert problem_of(await writes.get("connections")) == lacking
        assert (await answer(writes, made, tan=TAN)).json()["status"] == "active"

    async def test_what_is_not_there_is_not_found(self, api: Api) -> None:
        await api.enter()

        for path in ("", "/accounts"):
            missing = await api.get(f"connections/{new_id()}{path}")
            assert problem_of(missing) == (404, "connection-not-found")
