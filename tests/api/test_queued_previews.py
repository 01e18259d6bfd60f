"""Previews of large files over HTTP: accepted with 202, made by the relay, read, deleted."""

from typing import Any

import pytest

from adapters.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import (
    AccountModel,
    FileModel,
    ImportedRowsModel,
    ImportModel,
    PreviewModel,
    ProgressModel,
    TransactionModel,
)
from adapters.persistence.outbox.models import OutboxModel
from dashtam.container import container
from domain.ledger.imports import ImportProgress
from domain.shared.ids import ImportId, new_id
from tests.api.client import Api, Reply, problem_of
from tests.statements import days, ofx, statement

MARCH = ofx(statement(*days(5)))
LARGE = MARCH.ljust(1024 * 1024 + 1)
PATH = "imports/preview"


async def later(api: Api, content: bytes = MARCH, **fields: str) -> Reply:
    return await api.upload(content, path=PATH, fields={"background": "true", **fields})


async def finished(api: Api, queued: Reply) -> Any:
    return (await api.get(queued.headers["Location"])).json()


class TestQueueing:
    async def test_is_accepted_at_once_and_made_by_the_relay(self, api: Api) -> None:
        await api.enter()
        at_once = (await api.upload(MARCH, path=PATH)).json()
        api.delivers = False

        queued = await api.upload(LARGE, path=PATH)

        body = queued.json()
        assert (queued.status_code, body["status"], body["preview"]) == (202, "waiting", None)
        assert queued.headers["Location"] == f"/api/v1/imports/preview/{body['id']}"
        assert await finished(api, queued) == body

        await container.drain()

        made = await finished(api, queued)
        assert (made["status"], made["error"], made["progress"]) == ("done", None, None)
        assert _alike(made["preview"]) == _alike(at_once)
        assert made["preview"]["statements"][0]["new"] == 5

    async def test_stores_no_row_and_no_file(self, api: Api) -> None:
        await api.enter()

        queued = await later(api)

        assert (await finished(api, queued))["status"] == "done"
        for model in (AccountModel, TransactionModel, ImportedRowsModel, ImportModel, FileModel):
            assert await model.objects.acount() == 0
        assert await ProgressModel.objects.acount() == 0
        assert (await api.get("imports")).json()["items"] == []
        assert not await OutboxModel.objects.filter(delivered_at=None).aexists()

    async def test_a_small_file_is_previewed_at_once(self, api: Api) -> None:
        await api.enter()

        queued = await api.upload(MARCH.ljust(1024 * 1024), path=PATH)

        assert (queued.status_code, len(queued.json()["rows"])) == (200, 5)
        assert await PreviewModel.objects.acount() == 0

    async def test_hints_are_applied(self, api: Api) -> None:
        await api.enter()
        plain = b"Date,Amount\n2026-03-01,-4.50\n2026-03-02,-9.00\n"

        incomplete = await finished(api, await later(api, plain))
        preview = await finished(api, await later(api, plain, currency="EUR", account_name="mine"))

        assert (incomplete["status"], incomplete["error"]["code"]) == ("failed", "hint-needed")
        assert preview["preview"]["csv_profile"]["header"] == ["Date", "Amount"]
        assert [row["result"] for row in preview["preview"]["rows"]] == ["new", "new"]

    async def test_an_account_must_exist(self, api: Api) -> None:
        await api.enter()

        queued = await later(api, account_id=str(new_id()))

        assert problem_of(queued) == (404, "account-not-found")
        assert await PreviewModel.objects.acount() == 0

    async def test_counts_among_waiting_imports(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        for path in (PATH, "imports", PATH):
            queued = await api.upload(MARCH, path=path, fields={"background": "true"})
            assert queued.status_code == 202

        assert problem_of(await later(api)) == (429, "too-many-imports-waiting")
        assert await PreviewModel.objects.acount() == 2

    async def test_is_audited(self, api: Api) -> None:
        await api.enter()
        queued = await later(api)
        await later(api, b"hello")

        its = AuditEntryModel.objects.filter(resource_id=queued.json()["id"])
        recorded = [entry.action async for entry in its.order_by("id")]
        refused = await AuditEntryModel.objects.aget(action="preview.refused")
        assert recorded == ["preview.requested", "statement.previewed"]
        assert (refused.result, refused.details) == ("failure", {"error": "unreadable-statement"})


class TestMaking:
    async def test_a_repeated_event_makes_it_once(self, api: Api) -> None:
        await api.enter()
        queued = await later(api)
        before = await finished(api, queued)

        await OutboxModel.objects.aupdate(delivered_at=None, leased_until=None)
        await container.drain()

        assert await finished(api, queued) == before
        made = AuditEntryModel.objects.filter(action="statement.previewed")
        assert await made.acount() == 1

    async def test_is_running_while_progress_is_reported(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        queued = await later(api)
        preview_id, owner = ImportId(queued.json()["id"]), api.user.id
        await container.ports.import_progress.set(preview_id, ImportProgress(10, 4), owner=owner)
        for _ in range(100):
            body = await finished(api, queued)
            if body["progress"]:
                break

        assert (body["status"], body["progress"]) == ("running", {"rows": 10, "entered": 4})

    @pytest.mark.parametrize("content", [b" \n ", b"<OFX></OFX>", bytes(range(256)) * 100])
    async def test_of_a_file_without_statement_has_the_reason(
        self, api: Api, content: bytes
    ) -> None:
        await api.enter()

        failed = await finished(api, await later(api, content))

        assert (failed["status"], failed["preview"]) == ("failed", None)
        assert failed["error"]["code"] == "unreadable-statement"
        row = await PreviewModel.objects.aget()
        assert row.sealed is None


class TestDeleting:
    async def test_a_deleted_preview_is_never_made(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        queued = await later(api)

        deleted = await api.delete(queued.headers["Location"])
        await container.drain()

        assert (deleted.status_code, deleted.content) == (204, b"")
        assert problem_of(await api.get(queued.headers["Location"])) == (404, "preview-not-found")
        assert await PreviewModel.objects.acount() == 0
        assert not await OutboxModel.objects.filter(delivered_at=None).aexists()

    async def test_a_finished_preview_can_be_deleted(self, api: Api) -> None:
        await api.enter()
        queued = await later(api)

        assert (await api.delete(queued.headers["Location"])).status_code == 204

        repeated = await api.delete(queued.headers["Location"])
        assert problem_of(repeated) == (404, "preview-not-found")
        assert (await api.get("imports")).json()["storage"]["used"] == 0

    async def test_imports_and_previews_are_not_found_at_each_others_url(self, api: Api) -> None:
        await api.enter()
        preview = (await later(api)).json()["id"]
        done = (await api.upload(MARCH)).json()["id"]

        for path, code in (
            (f"imports/{preview}", "import-not-found"),
            (f"imports/preview/{done}", "preview-not-found"),
        ):
            assert problem_of(await api.get(path)) == (404, code)
            assert problem_of(await api.delete(path)) == (404, code)


def _alike(preview: Any) -> Any:
    """Leave out what differs between two previews: accounts that are never opened."""
    statements = [{**each, "account_id": None} for each in preview["statements"]]
    return {**preview, "statements": statements}
