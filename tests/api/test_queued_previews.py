"""Previews of large files over HTTP: taken with 202, made by the relay, looked at, deleted."""

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


async def shown(api: Api, taken: Reply) -> Any:
    return (await api.get(taken.headers["Location"])).json()


class TestTaking:
    async def test_is_answered_at_once_and_made_by_the_relay(self, api: Api) -> None:
        await api.enter()
        at_once = (await api.upload(MARCH, path=PATH)).json()
        api.delivers = False

        taken = await api.upload(LARGE, path=PATH)

        body = taken.json()
        assert (taken.status_code, body["status"], body["preview"]) == (202, "waiting", None)
        assert taken.headers["Location"] == f"/api/v1/imports/preview/{body['id']}"
        assert await shown(api, taken) == body

        await container.drain()

        made = await shown(api, taken)
        assert (made["status"], made["error"], made["progress"]) == ("done", None, None)
        assert _alike(made["preview"]) == _alike(at_once)
        assert made["preview"]["statements"][0]["new"] == 5

    async def test_enters_nothing_and_keeps_no_file(self, api: Api) -> None:
        await api.enter()

        taken = await later(api)

        assert (await shown(api, taken))["status"] == "done"
        for model in (AccountModel, TransactionModel, ImportedRowsModel, ImportModel, FileModel):
            assert await model.objects.acount() == 0
        assert await ProgressModel.objects.acount() == 0
        assert (await api.get("imports")).json()["items"] == []
        assert not await OutboxModel.objects.filter(delivered_at=None).aexists()

    async def test_a_small_file_is_previewed_at_once(self, api: Api) -> None:
        await api.enter()

        told = await api.upload(MARCH.ljust(1024 * 1024), path=PATH)

        assert (told.status_code, len(told.json()["rows"])) == (200, 5)
        assert await PreviewModel.objects.acount() == 0

    async def test_what_was_said_along_with_it_counts(self, api: Api) -> None:
        await api.enter()
        plain = b"Date,Amount\n2026-03-01,-4.50\n2026-03-02,-9.00\n"

        asked = await shown(api, await later(api, plain))
        told = await shown(api, await later(api, plain, currency="EUR", account_name="mine"))

        assert (asked["status"], asked["error"]["code"]) == ("failed", "hint-needed")
        assert told["preview"]["csv_profile"]["header"] == ["Date", "Amount"]
        assert [row["result"] for row in told["preview"]["rows"]] == ["new", "new"]

    async def test_an_account_must_be_there(self, api: Api) -> None:
        await api.enter()

        taken = await later(api, account_id=str(new_id()))

        assert problem_of(taken) == (404, "account-not-found")
        assert await PreviewModel.objects.acount() == 0

    async def test_waits_among_the_imports(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        for path in (PATH, "imports", PATH):
            taken = await api.upload(MARCH, path=path, fields={"background": "true"})
            assert taken.status_code == 202

        assert problem_of(await later(api)) == (429, "too-many-imports-waiting")
        assert await PreviewModel.objects.acount() == 2

    async def test_is_told_by_the_trail(self, api: Api) -> None:
        await api.enter()
        taken = await later(api)
        await later(api, b"hello")

        its = AuditEntryModel.objects.filter(resource_id=taken.json()["id"])
        told = [entry.action async for entry in its.order_by("id")]
        refused = await AuditEntryModel.objects.aget(action="preview.refused")
        assert told == ["preview.requested", "statement.previewed"]
        assert (refused.result, refused.details) == ("failure", {"error": "unreadable-statement"})


class TestMaking:
    async def test_told_again_it_is_made_once(self, api: Api) -> None:
        await api.enter()
        taken = await later(api)
        before = await shown(api, taken)

        await OutboxModel.objects.aupdate(delivered_at=None, leased_until=None)
        await container.drain()

        assert await shown(api, taken) == before
        made = AuditEntryModel.objects.filter(action="statement.previewed")
        assert await made.acount() == 1

    async def test_is_running_while_progress_is_told(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        taken = await later(api)
        preview_id, owner = ImportId(taken.json()["id"]), api.user.id
        await container.ports.import_progress.set(preview_id, ImportProgress(10, 4), owner=owner)
        for _ in range(100):
            body = await shown(api, taken)
            if body["progress"]:
                break

        assert (body["status"], body["progress"]) == ("running", {"rows": 10, "entered": 4})

    @pytest.mark.parametrize("content", [b" \n ", b"<OFX></OFX>", bytes(range(256)) * 100])
    async def test_of_no_statement_says_so(self, api: Api, content: bytes) -> None:
        await api.enter()

        failed = await shown(api, await later(api, content))

        assert (failed["status"], failed["preview"]) == ("failed", None)
        assert failed["error"]["code"] == "unreadable-statement"
        row = await PreviewModel.objects.aget()
        assert row.sealed is None


class TestDeleting:
    async def test_what_waits_is_never_made(self, api: Api) -> None:
        await api.enter()
        api.delivers = False
        taken = await later(api)

        deleted = await api.delete(taken.headers["Location"])
        await container.drain()

        assert (deleted.status_code, deleted.content) == (204, b"")
        assert problem_of(await api.get(taken.headers["Location"])) == (404, "preview-not-found")
        assert await PreviewModel.objects.acount() == 0
        assert not await OutboxModel.objects.filter(delivered_at=None).aexists()

    async def test_what_is_made_is_gone(self, api: Api) -> None:
        await api.enter()
        taken = await later(api)

        assert (await api.delete(taken.headers["Location"])).status_code == 204

        again = await api.delete(taken.headers["Location"])
        assert problem_of(again) == (404, "preview-not-found")
        assert (await api.get("imports")).json()["storage"]["used"] == 0

    async def test_no_import_is_at_a_previews_address_nor_the_other_way_round(
        self, api: Api
    ) -> None:
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
