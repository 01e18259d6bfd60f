"""One person's whole journey, over a live server on the migrated database, nothing replaced."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from adapters.persistence.audit.models import AuditEntryModel
from adapters.persistence.ledger.models import TransactionModel
from adapters.persistence.outbox.models import OutboxModel
from adapters.persistence.staff.models import StaffUser

EXAMPLE = settings.ROOT / "examples" / "statements" / "checking-and-card.ofx"
CREDENTIALS = {"email": "ada@example.org", "password": "correct horse battery staple"}
BOUNDARY = "dashtam-boundary"


class Server:
    """A running server, asked as any program would ask it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.token = ""

    def call(
        self, method: str, path: str, body: bytes | None = None, content_type: str = ""
    ) -> tuple[int, Any]:
        request = urllib.request.Request(self.address + path, data=body, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if content_type:
            request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            with closing(error):
                return error.code, json.loads(error.read())

    def get(self, path: str) -> Any:
        status, body = self.call("GET", path)
        assert status == 200, body
        return body

    def post(self, path: str, body: dict[str, str]) -> tuple[int, Any]:
        return self.call("POST", path, json.dumps(body).encode(), "application/json")

    def upload(self, content: bytes) -> tuple[int, Any]:
        head = 'Content-Disposition: form-data; name="file"; filename="march.ofx"'
        form = f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content
        form += f"\r\n--{BOUNDARY}--\r\n".encode()
        return self.call(
            "POST", "/api/v1/imports", form, f"multipart/form-data; boundary={BOUNDARY}"
        )


@pytest.fixture
def server(committing_database: str) -> Iterator[Server]:
    """uvicorn, in a process of its own."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{committing_database}")
    environment = {**os.environ, "DATABASE_URL": url.geturl(), "PIN_TO_CORE": "false"}
    command = [sys.executable, "-m", "uvicorn", "dashtam.asgi:application", "--port", str(port)]
    process = subprocess.Popen([*command, "--no-access-log"], cwd=settings.ROOT, env=environment)
    try:
        yield _ready(Server(port), process)
    finally:
        process.terminate()
        assert process.wait(30) in (0, -signal.SIGTERM)


def _ready(server: Server, process: "subprocess.Popen[bytes]") -> Server:
    for _ in range(200):
        assert process.poll() is None, "the server ended"
        try:
            if server.call("GET", "/health/ready")[0] == 200:
                return server
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not become ready")


def test_from_the_door_to_the_roof(server: Server, client: Client) -> None:
    assert server.post("/api/v1/users", CREDENTIALS)[0] == 201
    status, session = server.post("/api/v1/sessions", CREDENTIALS)
    assert status == 201
    server.token = session["token"]
    assert server.get("/api/v1/users/me")["email"] == CREDENTIALS["email"]

    status, imported = server.upload(EXAMPLE.read_bytes())
    assert (status, imported["new"], imported["quarantined"]) == (201, 13, [])
    status, again = server.upload(EXAMPLE.read_bytes())
    assert (status, again["new"], again["same"]) == (201, 0, 13)

    accounts = server.get("/api/v1/accounts")["items"]
    assert [account["balance"]["amount"] for account in accounts] == [
        "2714.55",
        "5304.12",
        "-83.49",
    ]
    checking = accounts[0]["id"]
    page = server.get(f"/api/v1/accounts/{checking}/transactions?limit=5")
    rest = server.get(f"/api/v1/accounts/{checking}/transactions?cursor={page['next_cursor']}")
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (5, 3, None)
    assert server.get(f"/api/v1/accounts/{checking}")["number"] == "••••1122"
    assert server.get(f"/api/v1/accounts/{checking}/balances")["items"]
    assert server.get(f"/api/v1/transactions/{page['items'][0]['id']}")["raw"]

    assert server.call("DELETE", "/api/v1/sessions/current")[0] == 204
    assert server.call("GET", "/api/v1/accounts")[0] == 401

    _every_step_is_in_the_trail()
    _staff_see_it(client)


def _every_step_is_in_the_trail() -> None:
    actions = list(AuditEntryModel.objects.order_by("id").values_list("action", flat=True))
    steps = ["user.registered", "session.opened", "user.viewed", "statement.imported"]
    steps += ["accounts.viewed", "transactions.viewed", "account.viewed", "balances.viewed"]
    steps += ["transaction.viewed", "session.ended", "session.authenticate"]
    assert [step for step in steps if step not in actions] == []
    assert TransactionModel.objects.count() == 13
    announced = set(OutboxModel.objects.values_list("id", flat=True))
    entries = set(AuditEntryModel.objects.values_list("id", flat=True))
    assert announced <= entries
    assert not OutboxModel.objects.filter(delivered_at__isnull=True).exists()


def _staff_see_it(client: Client) -> None:
    client.force_login(StaffUser.objects.create_superuser("grace", "", "a long enough password"))
    page = client.get("/admin/audit/auditentrymodel/?q=statement.imported").content.decode()
    assert "2 audit entries" in page
