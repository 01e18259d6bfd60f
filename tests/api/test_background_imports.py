"""Large files over HTTP: accepted with 202, imported by the relay, watched and undone."""

import gzip
from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import (
    AccountModel,
    FileModel,
    ImportModel,
    ProgressModel,
    TransactionModel,
)
from adapters.persistence.outbox.models import OutboxModel
from dashtam.container import container
from domain.shared.ids import new_id
from tests.api.client import Api, Reply, problem_of
from tests.csv_profiles import BODY
from tests.statements import days, ofx, statement, transaction

MARCH = ofx(statement(*days(5)))
LATER = {"background": "true"}


async def later(api: Api, content: bytes = MARCH, **fields: str) -> Reply:
    return await api.upload(content, fields={**LATER, **fields})


async def three_wait(api: Api) -> None:
    for number in range(1, 4):
        assert (await later(api, MARCH + number * b"\n")).status_code == 202


async def finished(api: Api, queued: Reply) -> Any:
    return (await api.get(queued.headers["Location"])).json()


class TestQueueing:
    async def test_is_accepted_at_once_and_processed_by_the_relay(self, api: Api) -> None:
        await api.enter()
        api.delivers = False

        queued = await later(api)

        body = queued.json()
        assert queued.status_code == 202
        assert (body["status"], body["statements"], body["progress"]) == ("waiting", [], None)
        assert queued.headers["Location"] == f"/api/v1/imports/{body['id']}"
        assert (await finished(api, queued)) == body
        assert await TransactionModel.objects.acount() == 0

        await container.drain()

        done = await finished(api, queued)
        assert (done["status"], done["new"], done["format"]) == ("done", 5, "ofx")
        assert (done["id"], done["sha256"]) == (body["id"], body["sha256"])
        assert (done["error"], done["progress"]) == (None, None)
        assert await TransactionModel.objects.acount() == 5
        assert await ProgressModel.objects.acount() == 0
        actions = [e.action async for e in AuditEntryModel.objects.filter(resource_id=body["id"])]
        assert actions.count("statement.received") == actions.count("statement.imported") == 1

    async def test_a_large_file_is_queued_by_default(self, api: Api) -> None:
        await api.enter()
        at_most = await api.upload(MARCH.ljust(1024 * 1024))
        over = await api.upload(MARCH.ljust(1024 * 1024 + 1))

        assert (at_most.status_code, over.status_code) == (201, 202)
        assert at_most.headers["Location"] == f"/api/v1/imports/{at_most.json()['id']}"
        assert (await finished(api, over))["same"] == 5

    async def test_the_same_file_is_queued_once(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        first = await later(api)

        waits = [await later(api), await api.upload(MARCH)]
        await container.drain()
        done = [await later(api), await api.upload(MARCH)]

        for again, status in [(each, "waiting") for each in waits] + [(e, "done") for e in done]:
            assert (again.status_code, again.json()["status"]) == (200, status)
            assert again.headers["Location"] == first.headers["Location"]
        assert await ImportModel.objects.acount() == 1

    async def test_a_file_of_other_answers_is_another_import(self, api: Api) -> None:
        await api.enter()
        await later(api)

        other = await later(api, date_order="day_first")

        assert other.status_code == 202
        assert (await finished(api, other))["same"] == 5

    async def test_hints_and_account_are_stored(self, api: Api) -> None:
        await api.enter()
        await api.upload(MARCH)
        account_id = str((await AccountModel.objects.aget()).id)
        renumbered = ofx(statement(transaction(fitid="F9"), number="DE00 0002"))

        queued = await later(api, renumbered, account_id=account_id, date_order="day_first")

        done = await finished(api, queued)
        assert [each["account_id"] for each in done["statements"]] == [account_id]
        row = await ImportModel.objects.aget(id=done["id"])
        assert row.hints == {"account_id": account_id, "date_order": "day_first"}

    async def test_an_account_must_exist(self, api: Api) -> None:
        await api.enter()

        queued = await later(api, account_id=str(new_id()))

        assert problem_of(queued) == (404, "account-not-found")
        assert await ImportModel.objects.acount() == await FileModel.objects.acount() == 0

    async def test_the_field_is_a_boolean(self, api: Api) -> None:
        await api.enter()

        assert problem_of(await later(api, background="perhaps")) == (422, "invalid-body")
        assert (await later(api, background="false")).status_code == 201

    async def test_a_repeated_event_imports_once(self, api: Api) -> None:
        await api.enter()
        queued = await later(api)

        await OutboxModel.objects.aupdate(delivered_at=None, leased_until=None)
        await container.drain()

        assert (await finished(api, queued))["new"] == 5
        imported = AuditEntryModel.objects.filter(action="statement.imported")
        assert await imported.acount() == 1


HOSTILE = [
    (b" \n ", "unreadable-statement"),
    (b"\x89PNG\r\n\x1a\n" + bytes(100), "unreadable-statement"),
    (bytes(range(256)) * 100, "unreadable-statement"),
    (b"<OFX></OFX>", "unreadable-statement"),
    (b"OFXHEADER:100\n\n<OFX>\0</OFX>", "unreadable-statement"),
    (ofx()[:-20], "unreadable-statement"),
    (b'<!DOCTYPE x [<!ENTITY a "b">]>' + ofx(), "unreadable-statement"),
    (gzip.compress(bytes(20_000_000), mtime=0), "statement-too-large"),
    (gzip.compress(ofx(), mtime=0)[:-9], "unreadable-statement"),
    (b"OFXHEADER:100\n\n<OFX>" + b"<A>" * 300_000, "unreadable-statement"),
]


class TestRefusal:
    @pytest.mark.parametrize(("content", "code"), HOSTILE, ids=lambda value: str(value)[:24])
    async def test_of_a_hostile_file_is_shown_in_the_import(
        self, api: Api, content: bytes, code: str
    ) -> None:
        await api.enter()

        queued = await later(api, content)

        assert queued.status_code == 202
        failed = await finished(api, queued)
        assert (failed["status"], failed["error"]["code"]) == ("failed", code)
        assert failed["error"]["detail"].endswith(".")
        assert await AccountModel.objects.acount() == await TransactionModel.objects.acount() == 0
        entry = await AuditEntryModel.objects.aget(action="statement.refused")
        assert (entry.result, entry.details) == ("failure", {"error": code})
        # The relay is done with it.
        assert not await OutboxModel.objects.filter(delivered_at=None).aexists()

    async def test_can_be_deleted_with_its_file(self, api: Api) -> None:
        await api.enter()
        queued = await later(api, b"hello")

        deleted = await api.delete(queued.headers["Location"])

        body = deleted.json()
        assert (deleted.status_code, body["status"]) == (200, "undone")
        assert body["error"]["code"] == "unreadable-statement"
        assert await FileModel.objects.acount() == 0
        assert problem_of(await api.delete(queued.headers["Location"])) == (409, "import-is-undone")
        reimported = await api.post(f"imports/{body['id']}/reimport", {})
        assert problem_of(reimported) == (409, "file-not-kept")

    async def test_does_not_delete_a_file_of_another_import(self, api: Api) -> None:
        await api.enter()
        content = b"Date,Amount\n2026-03-01,-4.50\n2026-03-02,-9.00\n"
        hints = {"currency": "EUR", "account_name": "mine"}
        profile = await api.post("csv-profiles", {"name": "Another bank's", "profile": BODY})
        failed = await later(api, content, **hints, csv_profile_id=profile.json()["id"])
        done = await api.upload(content, fields=hints)
        assert (await finished(api, failed))["status"] == "failed"
        assert done.status_code == 201

        assert (await api.delete(failed.headers["Location"])).status_code == 200

        assert await FileModel.objects.acount() == 1

    async def test_can_be_retried(self, api: Api) -> None:
        await api.enter()
        queued = await later(api, b"hello")

        reimported = await api.post(f"imports/{queued.json()['id']}/reimport", {})

        assert problem_of(reimported) == (422, "unreadable-statement")


class TestQuota:
    async def test_three_may_wait(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        await three_wait(api)

        refused = await later(api)

        assert problem_of(refused) == (429, "too-many-imports-waiting")
        assert refused.headers["Retry-After"] == "15"
        assert await ImportModel.objects.acount() == 3
        await container.drain()
        assert (await later(api)).status_code == 202

    async def test_reimports_count_too(self, api: Api) -> None:
        await api.enter()
        first = await api.upload(MARCH.ljust(1024 * 1024 + 1))
        await api.delete(first.headers["Location"])
        api.delivers = False
        await three_wait(api)

        refused = await api.post(f"imports/{first.json()['id']}/reimport", {})

        assert problem_of(refused) == (429, "too-many-imports-waiting")

    async def test_a_small_file_need_not_wait(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        await three_wait(api)

        assert (await api.upload(MARCH)).status_code == 201

    async def test_the_usage_is_reported(self, api: Api) -> None:
        await api.enter()
        assert (await api.get("imports")).json()["storage"]["used"] == 0
        await api.upload(MARCH)
        await api.upload(MARCH)

        usage = (await api.get("imports")).json()["storage"]

        (file,) = [row async for row in FileModel.objects.all()]
        assert usage == {"used": len(file.sealed), "limit": 2 * 1024**3}


class TestWithdrawal:
    async def test_a_withdrawn_import_is_never_processed(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        queued = await later(api)

        withdrawn = await api.delete(queued.headers["Location"])
        await container.drain()

        assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "undone")
        assert (await finished(api, queued))["status"] == "undone"
        assert await TransactionModel.objects.acount() == 0
        repeated = await api.delete(queued.headers["Location"])
        assert problem_of(repeated) == (409, "import-is-undone")

    async def test_a_completed_import_can_be_undone(self, api: Api) -> None:
        await api.enter()
        queued = await later(api)

        undone = await api.delete(queued.headers["Location"])

        assert undone.json()["status"] == "undone"
        assert await TransactionModel.objects.filter(removal=None).acount() == 0


class TestReimport:
    async def test_adds_nothing_to_existing_rows(self, api: Api) -> None:
        await api.enter()
        first = (await api.upload(MARCH)).json()

        reimported = await api.post(f"imports/{first['id']}/reimport", {})

        body = reimported.json()
        assert (reimported.status_code, body) == (200, first)
        assert reimported.headers["Location"] == f"/api/v1/imports/{first['id']}"
        assert await ImportModel.objects.acount() == await FileModel.objects.acount() == 1

    async def test_restores_what_was_undone_with_its_notes(self, api: Api) -> None:
        await api.enter()
        first = (await api.upload(MARCH)).json()
        before = await TransactionModel.objects.afirst()
        assert before is not None
        await api.patch(f"transactions/{before.id}", {"note": "mine"})
        await api.delete(f"imports/{first['id']}")

        await api.post(f"imports/{first['id']}/reimport", {})

        after = (await api.get(f"transactions/{before.id}")).json()["transaction"]
        assert after["note"] == "mine"
        assert await TransactionModel.objects.filter(removal=None).acount() == 5

    async def test_of_a_large_file_is_queued(self, api: Api) -> None:
        await api.enter()
        first = await api.upload(MARCH.ljust(1024 * 1024 + 1))
        await api.delete(first.headers["Location"])

        reimported = await api.post(f"imports/{first.json()['id']}/reimport", {})

        assert (reimported.status_code, reimported.json()["status"]) == (202, "waiting")
        assert (await finished(api, reimported))["new"] == 5

    async def test_of_another_users_import_is_not_found(self, api: Api) -> None:
        await api.enter()
        first = (await api.upload(MARCH)).json()
        eve = await Api(delivers=True).enter("eve@example.org")

        for import_id in (first["id"], new_id()):
            answer = await eve.post(f"imports/{import_id}/reimport", {})
            assert problem_of(answer) == (404, "import-not-found")
        assert await ImportModel.objects.acount() == 1


class TestRows:
    async def test_every_row_has_its_result(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*list(days(5))[:2])))
        done = (await api.upload(MARCH)).json()
        address = f"imports/{done['id']}/rows"

        first = (await api.get(f"{address}?limit=3")).json()
        rest = (await api.get(f"{address}?limit=3&cursor={first['next_cursor']}")).json()

        rows = [*first["items"], *rest["items"]]
        assert [row["result"] for row in rows] == ["same", "same", "new", "new", "new"]
        assert [row["line"] for row in rows] == sorted({row["line"] for row in rows})
        assert rest["next_cursor"] is None
        ids = {str(row.id) async for row in TransactionModel.objects.all()}
        assert {row["transaction_id"] for row in rows} == ids

    async def test_a_one_line_file_has_pages_too(self, api: Api) -> None:
        await api.enter()
        one_line = (
            MARCH.split(b"<OFX>")[0] + b"<OFX>" + MARCH.split(b"<OFX>")[1].replace(b"\n", b"")
        )
        done = (await api.upload(one_line)).json()
        recorded: list[str] = []
        query = "limit=1"
        for _ in range(5):
            page = (await api.get(f"imports/{done['id']}/rows?{query}")).json()
            recorded += [row["transaction_id"] for row in page["items"]]
            query = f"limit=1&cursor={page['next_cursor']}"

        assert query.endswith("=None")
        assert len(set(recorded)) == len(recorded) == 5

    @pytest.mark.parametrize(
        ("query", "kind"),
        [
            ("limit=0", "invalid-query"),
            ("limit=501", "invalid-query"),
            ("page=2", "invalid-query"),
            ("cursor=nonsense", "invalid-cursor"),
            ("cursor=", "invalid-cursor"),
            ("cursor=%00", "invalid-query"),
        ],
    )
    async def test_an_invalid_query_is_refused(self, api: Api, query: str, kind: str) -> None:
        await api.enter()
        done = (await api.upload(MARCH)).json()

        assert problem_of(await api.get(f"imports/{done['id']}/rows?{query}")) == (422, kind)

    async def test_are_visible_only_to_the_owner(self, api: Api) -> None:
        await api.enter()
        done = (await api.upload(MARCH)).json()
        eve = await Api(delivers=True).enter("eve@example.org")

        answer = await eve.get(f"imports/{done['id']}/rows")

        assert problem_of(answer) == (404, "import-not-found")

    async def test_are_listed_in_a_preview(self, api: Api) -> None:
        await api.enter()
        await api.upload(ofx(statement(*list(days(5))[:2])))
        existing_ids = {str(row.id) async for row in TransactionModel.objects.all()}

        preview = (await api.upload(MARCH, path="imports/preview")).json()

        assert [row["result"] for row in preview["rows"]] == ["same"] * 2 + ["new"] * 3
        assert {row["transaction_id"] for row in preview["rows"]} == {*existing_ids, None}
        assert preview["more_rows"] is False

    async def test_a_preview_lists_the_first_of_many(self, api: Api) -> None:
        await api.enter()
        rows = [transaction(f"-{n}.00", fitid=f"N{n}") for n in range(1, 502)]

        preview = (await api.upload(ofx(statement(*rows)), path="imports/preview")).json()

        assert (len(preview["rows"]), preview["more_rows"]) == (500, True)
        assert preview["statements"][0]["new"] == 501


async def test_the_first_of_many_quarantined_rows_are_listed(api: Api) -> None:
    await api.enter()
    rows = [transaction("?", fitid=f"N{n}") for n in range(501)]

    done = (await api.upload(ofx(statement(*rows)))).json()
    preview = (await api.upload(ofx(statement(*rows)), path="imports/preview")).json()

    for body in (done, preview):
        assert (len(body["quarantined"]), body["quarantined_total"]) == (500, 501)
