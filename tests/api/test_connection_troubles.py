"""Trouble with a provider over HTTP: what connections and accounts say, and who gets a letter."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from adapters.audit.models import AuditEntryModel
from adapters.providers.sandbox.server import RETRY_AFTER
from adapters.providers.troubles import SENTENCES
from dashtam.container import container
from domain.connections.providers import TroubleKind
from tests.api.client import Api, problem_of
from tests.connected import accounts, begin, count, items, links, offering, shown, sync
from tests.simplefin import account, row
from tests.written_bank import WrittenBank

NOTICE = "A connection to your bank needs you"
ACCOUNTS, FAILING = 20, "A-07"


@pytest.fixture(autouse=True)
def one_window() -> Iterator[None]:
    """The sandbox has a month of history, which one request fetches."""
    with offering():
        yield


async def troubled(api: Api, trouble: str) -> Any:
    """Connect and sync; then let the bank have trouble, and sync again."""
    await api.enter()
    made = await begin(api)
    await sync(api)
    await happens(api, made, trouble)
    return made


async def happens(api: Api, connection: Any, trouble: str) -> None:
    """Choose another trouble by a renewal, and sync: what was just answered is not asked again."""
    given = {"given": {"trouble": trouble}}
    renewed = await api.post(f"connections/{connection['id']}/renew", given)
    assert renewed.status_code == 200, renewed.text
    await sync(api, connection)


def notices() -> int:
    return [each.subject for each in mail.outbox].count(NOTICE)


class TestOfAPerson:
    @pytest.mark.parametrize(
        ("trouble", "need", "kind"),
        [
            ("payment", "payment", TroubleKind.PAYMENT),
            ("forbidden", "consent", TroubleKind.CONSENT),
        ],
    )
    async def test_stops_the_connection_and_sends_one_letter(
        self, api: Api, trouble: str, need: str, kind: TroubleKind
    ) -> None:
        made = await troubled(api, trouble)

        stopped = await shown(api, made)

        assert (stopped["status"], stopped["need"]) == ("needs_person", need)
        assert stopped["detail"] == SENTENCES[kind]
        assert (stopped["next_attempt_at"], stopped["next_attempt_reason"]) == (None, None)
        assert stopped["complete_at"] < stopped["attempted_at"]
        for each in (await accounts(api)).values():
            said = each["sync"]
            assert (said["status"], said["need"]) == ("needs_person", need)
            assert (said["detail"], said["next_attempt_at"]) == (SENTENCES[kind], None)
            assert said["complete_at"] < stopped["attempted_at"]
        assert notices() == 1
        assert await container.sync_runner.sync_due() == 0

    async def test_of_payment_is_over_when_a_sync_succeeds(self, api: Api) -> None:
        made = await troubled(api, "payment")

        again = await sync(api, made)
        assert (again["status"], again["need"], notices()) == ("needs_person", "payment", 1)

        await happens(api, made, "none")
        done = await shown(api, made)
        assert (done["status"], done["need"], done["detail"]) == ("active", None, "")

    async def test_of_credentials_is_never_tried_again(self, api: Api) -> None:
        bank = WrittenBank(status=401)
        await api.enter()
        with offering(source=bank):
            made = await begin(api)
            await sync(api)
            refused = await api.post(f"connections/{made['id']}/sync", {})
            turns = await container.sync_runner.sync_due()

        stopped = await shown(api, made)
        assert (stopped["status"], stopped["need"]) == ("needs_person", "credentials")
        assert problem_of(refused) == (409, "connection-not-ready")
        assert (turns, bank.requests, notices()) == (0, 1, 1)


class TestThatEndsByItself:
    @pytest.mark.parametrize(
        ("trouble", "reason", "kind", "least", "most"),
        [
            ("quota", "quota", TroubleKind.QUOTA, RETRY_AFTER - 60, RETRY_AFTER + 60),
            ("outage", "outage", TroubleKind.TRANSIENT, 120, 360),
            ("timeout", "outage", TroubleKind.TRANSIENT, 120, 360),
            ("cut", "outage", TroubleKind.TRANSIENT, 120, 360),
        ],
    )
    async def test_is_a_date_and_no_letter(
        self, api: Api, trouble: str, reason: str, kind: TroubleKind, least: int, most: int
    ) -> None:
        made = await troubled(api, trouble)

        waiting = await shown(api, made)

        assert (waiting["status"], waiting["need"]) == ("active", None)
        assert (waiting["detail"], waiting["next_attempt_reason"]) == (SENTENCES[kind], reason)
        pause = datetime.fromisoformat(waiting["next_attempt_at"]) - datetime.fromisoformat(
            waiting["attempted_at"]
        )
        assert timedelta(seconds=least) <= pause <= timedelta(seconds=most)
        for each in (await accounts(api)).values():
            assert (each["sync"]["status"], each["sync"]["need"]) == ("active", None)
            assert each["sync"]["detail"] == SENTENCES[kind]
            assert each["sync"]["next_attempt_at"] == waiting["next_attempt_at"]
            assert each["sync"]["complete_at"] < waiting["attempted_at"]
        assert notices() == 0
        assert await container.sync_runner.sync_due() == 0

    async def test_is_tried_again_when_somebody_asks(self, api: Api) -> None:
        made = await troubled(api, "outage")
        left = (await shown(api, made))["requests_left"]

        assert (await sync(api, made))["requests_left"] == left - 1
        await happens(api, made, "none")
        assert (await shown(api, made))["detail"] == ""


class TestOfOneAccount:
    @pytest.mark.parametrize(
        ("trouble", "name", "kind"),
        [
            ("account-fails", "Travel Card", "transient"),
            ("log-in", "Brokerage", "authentication"),
        ],
    )
    async def test_concerns_no_other_one(
        self, api: Api, trouble: str, name: str, kind: str
    ) -> None:
        made = await troubled(api, trouble)

        partial, reported = await shown(api, made), await links(api, made)

        assert (partial["status"], partial["failing_accounts"]) == ("partial", 1)
        assert (partial["next_attempt_reason"], notices()) == ("interval", 0)
        assert {n: e["problem"] for n, e in reported.items() if e["problem"]} == {name: kind}
        failing = reported[name]
        assert failing["problem_since"] > failing["answered_at"]
        for its, each in (await accounts(api)).items():
            said = each["sync"]
            if its == name:
                assert said["status"] == "partial"
                assert said["detail"] == failing["problem_detail"] != ""
                assert said["problem_since"] == failing["problem_since"]
            else:
                assert (said["status"], said["detail"]) == ("active", "")
                assert said["complete_at"] > failing["problem_since"] or said["complete_at"]

    async def test_is_over_when_it_is_read_again(self, api: Api) -> None:
        made = await troubled(api, "account-fails")

        await happens(api, made, "none")

        done, found = await shown(api, made), await accounts(api)
        assert (done["status"], done["failing_accounts"]) == ("active", 0)
        assert found["Travel Card"]["sync"]["problem_since"] is None

    async def test_from_the_beginning_leaves_its_account_out(self, api: Api) -> None:
        await api.enter()
        made = await begin(api, trouble="account-fails")

        await sync(api)

        found = await accounts(api)
        assert (await shown(api, made))["status"] == "partial"
        assert await count(api, found["Everyday Checking"]) > 0
        assert "Travel Card" not in found or await count(api, found["Travel Card"]) == 0

        await happens(api, made, "none")
        assert await count(api, (await accounts(api))["Travel Card"]) > 0


class TestOneOfTwenty:
    async def test_is_not_read_and_nineteen_are_fresh(self, api: Api) -> None:
        bank = WrittenBank(failing={FAILING})
        await api.enter()
        with offering(source=bank):
            made = await begin(api)
            today = datetime.fromisoformat(made["changed_at"]).date()
            for number in range(1, ACCOUNTS + 1):
                rows = [row(f"T{n}", f"-{number}.{n:02}", today - timedelta(n)) for n in range(10)]
                bank.add(account(*rows, id=f"A-{number:02}", name=f"Account {number}"))
            await sync(api)
            first = await links(api, made)
            since = first["Account 7"]["problem_since"]
            again = await sync(api, made)

        assert (again["status"], again["accounts"], again["failing_accounts"]) == (
            *("partial", ACCOUNTS),
            1,
        )
        found, reported = await accounts(api), await links(api, made)
        for number in range(1, ACCOUNTS + 1):
            if number == 7:
                continue
            each = found[f"Account {number}"]
            assert await count(api, each) == 10
            assert each["sync"]["status"] == "active"
            assert each["sync"]["complete_at"] > since
            assert each["freshness"]["latest_day"] == today.isoformat()
        failing = reported["Account 7"]
        assert (failing["problem"], failing["problem_since"]) == ("transient", since)
        assert "could not read this account" in failing["problem_detail"]
        assert failing["answered_at"] is None


class TestAnUnchangedAnswer:
    async def test_leaves_one_audit_entry_and_enters_nothing(self, api: Api) -> None:
        await api.enter()
        made = await begin(api)
        for _ in range(2):
            await sync(api)
            await api.post(f"connections/{made['id']}/sync", {})
        await sync(api)
        await api.post(f"connections/{made['id']}/sync", {})
        imports = [each["id"] for each in await items(api, "imports")]
        before = await AuditEntryModel.objects.acount()

        await container.sync_runner.sync_due()
        await container.drain()

        entries = [each async for each in AuditEntryModel.objects.order_by("occurred_at")]
        assert len(entries) - before == 1
        assert [e.action for e in entries].count("connection.synced") == 4
        assert [each["id"] for each in await items(api, "imports")] == imports
