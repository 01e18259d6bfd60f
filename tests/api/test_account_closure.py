"""Closing an account over HTTP, taking it back, and taking everything along."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import IO, Any
from zipfile import ZipFile

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core import mail

from adapters.audit.models import AuditEntryModel
from adapters.exports.everything import EverythingWriter
from adapters.persistence.identity.models import ApiTokenModel, SessionModel, UserModel
from dashtam.asgi import application
from dashtam.container import container
from domain.identity.entities import ApiToken
from domain.identity.personal_data import Part, PersonalData
from domain.identity.values import Scope, TokenKind
from domain.shared.ids import ApiTokenId, UserId, new_id
from domain.shared.result import Success
from tests.api.client import PASSWORD, Api, Reply, problem_of
from tests.api.endpoints import somebody
from tests.mailbox import mailed
from tests.statements import days, ofx, statement

ADA = {"email": "ada@example.org", "password": PASSWORD}
MARCH = ofx(statement(*days(9)))
#: Its library has no types.
Communicator: Any = ApplicationCommunicator


async def program() -> Api:
    """Return a program of the user's."""
    # The relay's own work uses the same connection.
    await container.publisher.drain()
    token = container.ports.tokens.issue(TokenKind.API)
    user = await UserModel.objects.aget()
    now = container.ports.clock.now()
    made, issued = ApiToken.issue(
        id=ApiTokenId(new_id()),
        user_id=UserId(user.id),
        name="Spreadsheet",
        scopes=set(Scope),
        token_digest=token.digest,
        at=now,
        expires_at=now + timedelta(days=1),
    )
    async with container.ports.unit_of_work(owner=user.id) as uow:
        assert await container.ports.api_tokens.add(made) == Success(None)
        await uow.commit(issued)
    await container.publisher.drain()
    other = Api(delivers=True)
    other.token = token.text
    return other


async def prove_long_ago() -> None:
    await container.publisher.drain()
    await SessionModel.objects.aupdate(
        authenticated_at=container.ports.clock.now() - timedelta(minutes=11)
    )


class TestDeleting:
    async def test_reports_the_date_of_erasure_and_ends_all_access(self, api: Api) -> None:
        await api.log_in()
        spreadsheet = await program()
        assert (await spreadsheet.get("accounts")).status_code == 200

        reply = await api.delete("users/me")

        assert reply.status_code == 202
        erase_after = datetime.fromisoformat(reply.json()["erase_after"])
        grace = erase_after - container.ports.clock.now()
        assert timedelta(days=14) - timedelta(minutes=1) < grace <= timedelta(days=14)
        for client in (api, spreadsheet):
            assert problem_of(await client.get("accounts")) == (401, "invalid-token")
        assert not await SessionModel.objects.filter(ended_at=None).aexists()
        assert not await ApiTokenModel.objects.filter(revoked_at=None).aexists()
        assert "users/me" not in mail.outbox[-1].body
        assert mailed() in mail.outbox[-1].body

    async def test_requires_a_recent_authentication(self, api: Api) -> None:
        await api.enter()
        await prove_long_ago()

        assert problem_of(await api.delete("users/me")) == (401, "recent-authentication-required")
        assert (await api.get("users/me")).status_code == 200

    async def test_is_refused_to_api_tokens(self, api: Api) -> None:
        await api.enter()
        spreadsheet = await program()

        for method, path in (("delete", "users/me"), ("get", "users/me/export")):
            reply = await spreadsheet.call(method, path)
            assert problem_of(reply) == (403, "session-required")

    async def test_afterwards_a_log_in_is_answered_like_an_unknown_user(self, api: Api) -> None:
        await api.log_in()
        await api.delete("users/me")

        right = await api.post("sessions", ADA)
        wrong = await api.post("sessions", {**ADA, "password": "another horse battery"})

        assert problem_of(right) == problem_of(wrong) == (401, "invalid-credentials")
        assert _but_ids(right) == _but_ids(wrong)


def _but_ids(reply: Reply) -> dict[str, Any]:
    return {name: value for name, value in reply.json().items() if name != "trace_id"}


class TestRestoring:
    async def test_reopens_the_account_unchanged(self, api: Api) -> None:
        await api.log_in()
        await api.upload(MARCH)
        spreadsheet = await program()
        await api.delete("users/me")
        stranger = Api(delivers=True)

        restored = await stranger.post("account-recoveries", {"token": mailed()})

        assert (restored.status_code, restored.text) == (204, "")
        assert "open again" in mail.outbox[-1].subject
        # Earlier sessions stay ended, and API tokens revoked.
        assert problem_of(await api.get("accounts")) == (401, "invalid-token")
        assert problem_of(await spreadsheet.get("accounts")) == (401, "invalid-token")
        opened = await stranger.post("sessions", ADA)
        stranger.token = opened.json()["access_token"]
        assert len((await stranger.get("accounts")).json()["items"]) == 1

    async def test_works_once_and_reveals_nothing(self, api: Api) -> None:
        await api.log_in()
        verify = mailed()
        await api.delete("users/me")
        token = mailed()
        assert (await api.post("account-recoveries", {"token": token})).status_code == 204

        refused = [
            await api.post("account-recoveries", {"token": wrong})
            for wrong in (token, verify, "x", token[:-1] + "0", verify.replace("mail", "api"))
        ]

        assert {problem_of(reply) for reply in refused} == {(422, "invalid-mailed-token")}
        assert len({str(_but_ids(reply)) for reply in refused}) == 1
        audited = AuditEntryModel.objects.filter(action="user.keep", result="failure")
        assert await audited.acount() == 5

    @pytest.mark.parametrize("body", [{}, {"token": 7}, {"token": "x", "email": "y"}, []])
    async def test_refuses_other_bodies(self, api: Api, body: Any) -> None:
        assert problem_of(await api.post("account-recoveries", body)) == (422, "invalid-body")


def unpacked(reply: Reply) -> ZipFile:
    assert reply.status_code == 200
    return ZipFile(BytesIO(reply.content))


def part(archive: ZipFile, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(archive.read(f"{name}.json"))
    return found


class TestExporting:
    async def test_is_a_download_of_everything(self, api: Api) -> None:
        ada = await somebody()
        eve = await somebody("eve@example.org")

        reply = await ada.api.get("users/me/export")

        assert reply.headers["Content-Type"] == "application/zip"
        assert reply.headers["Cache-Control"] == "no-store"
        assert int(reply.headers["Content-Length"]) == len(reply.content)
        today = f"{container.ports.clock.now():%Y-%m-%d}"
        assert f'filename="dashtam-{today}.zip"' in reply.headers["Content-Disposition"]
        archive = unpacked(reply)
        assert archive.testzip() is None
        index = json.loads(archive.read("index.json"))
        for name, count in index["counts"].items():
            if name != "files":
                assert len(part(archive, name)) == count, name
        content = b"".join(archive.read(name) for name in archive.namelist()).decode(
            errors="replace"
        )
        assert [name for name, value in ada.ids.items() if value not in content] == []
        assert [name for name, value in eve.ids.items() if value in content] == []
        assert "eve@example.org" not in content

    async def test_has_the_files_unchanged(self, api: Api) -> None:
        await api.enter()
        await api.upload(MARCH, name="march.ofx")

        archive = unpacked(await api.get("users/me/export"))

        (row,) = part(archive, "ledger_import")
        assert row["file_name"] == "march.ofx"
        assert archive.read(f"files/{row['digest']}") == MARCH
        assert len(part(archive, "ledger_transaction")) == 9

    async def test_has_no_secrets(self, api: Api) -> None:
        await api.log_in()
        await program()
        user = await UserModel.objects.aget()
        session = await SessionModel.objects.aget()

        archive = unpacked(await api.get("users/me/export"))

        content = b"".join(archive.read(name) for name in archive.namelist()).decode()
        hidden = [
            *(api.token, mailed(), user.password_hash, PASSWORD),
            *(bytes(session.token_digest).hex(), "argon2", "dashtam_"),
        ]
        assert [secret for secret in hidden if secret in content] == []
        assert part(archive, "identity_user")[0]["email"] == "ada@example.org"

    async def test_is_audited_before_anything_is_sent(self, api: Api) -> None:
        await api.enter()

        archive = unpacked(await api.get("users/me/export"))

        entry = await AuditEntryModel.objects.aget(action="user.exported")
        counts = json.loads(archive.read("index.json"))["counts"]
        files = counts.pop("files")
        assert entry.details == {"count": sum(counts.values()), "files": files}
        assert entry.resource_id == entry.actor_id == (await UserModel.objects.aget()).id
        # Its own entry is of a moment after it.
        assert "user.exported" not in {each["action"] for each in part(archive, "audit")}
        assert "session.opened" in {each["action"] for each in part(archive, "audit")}

    @pytest.mark.parametrize("method", ["get", "head"])
    async def test_requires_a_recent_authentication(self, api: Api, method: str) -> None:
        await api.enter()
        await prove_long_ago()

        assert (await api.call(method, "users/me/export")).status_code == 401
        assert not await AuditEntryModel.objects.filter(action="user.exported").aexists()


async def test_a_disconnected_client_ends_the_work_in_the_database(
    committing_database: str, monkeypatch: pytest.MonkeyPatch, call_cancelled: asyncio.Event
) -> None:
    api = await Api(delivers=True).enter()
    await api.upload(MARCH)
    loop = asyncio.get_running_loop()
    reached, left = asyncio.Event(), threading.Event()
    recorded: list[str] = []
    write = EverythingWriter.write

    def watched(part: Part) -> Iterator[Mapping[str, object]]:
        for row in part.rows:
            recorded.append(part.name)
            if recorded.count("ledger_transaction") == 2:
                loop.call_soon_threadsafe(reached.set)
                # No statement runs when it is to be stopped.
                left.wait(60)
            yield row

    def slowly(
        self: EverythingWriter, personal_data: PersonalData, target: IO[bytes], at: datetime
    ) -> Mapping[str, int]:
        parts = [Part(each.name, watched(each)) for each in personal_data.parts]
        return write(self, PersonalData(parts, personal_data.files), target, at)

    monkeypatch.setattr(EverythingWriter, "write", slowly)
    monkeypatch.setattr(container.ports.personal_data, "_batch", 3)
    request = Communicator(application, asking(api))
    await request.send_input({"type": "http.request", "body": b""})
    await asyncio.wait_for(reached.wait(), 120)

    await request.send_input({"type": "http.disconnect"})
    await asyncio.wait_for(call_cancelled.wait(), 120)
    left.set()
    await request.wait(timeout=120)

    assert recorded.count("ledger_transaction") == 3
    assert request.output_queue.empty()
    assert container.database.state.leased == 0
    assert not await AuditEntryModel.objects.filter(action="user.exported").aexists()


def asking(api: Api) -> dict[str, Any]:
    """Return the message of a server for a request of all data."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/api/v1/users/me/export",
        "query_string": b"",
        "headers": [
            (b"host", b"testserver"),
            (b"authorization", f"Bearer {api.token}".encode()),
        ],
    }
