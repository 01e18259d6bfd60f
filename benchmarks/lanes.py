"""How long an email waits behind ten large imports. `[size]` is the bytes of each.

Once the imports are those of ten users, and once all of one. The server is started as `manage.py
serve` starts it, with its relay, and asked from this process. Without an argument it ends with 1
when a letter took longer than it may.
"""

import asyncio
import http.client
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.live import serving, until_ready
from benchmarks.people import PASSWORD, add_users
from benchmarks.server import migrated_database
from benchmarks.synthetic import ofx
from tests.unaudited import add_entry

SIZE = 1_100_000
IMPORTS = 10
MOST_SECONDS = 2.0
LETTERS = 5
# The pause between two emails, so that they meet both reading and posting.
PAUSE_SECONDS = 0.5
PATIENCE_SECONDS = 120
WAITING = "SELECT count(*) FROM ledger_import WHERE status = 'waiting'"
BOUNDARY = "benchmark"
READER = "reader@dashtam.example"


class Client:
    """A user of the server, with an IP address of their own."""

    def __init__(self, port: int, number: int) -> None:
        self._port = port
        self._headers = {"X-Forwarded-For": f"10.1.0.{number + 1}"}

    def log_in(self, email: str) -> "Client":
        told = self.post("sessions", {"email": email, "password": PASSWORD}, 201)
        self._headers["Authorization"] = f"Bearer {told['access_token']}"
        return self

    def ask_for_letter(self) -> None:
        self.post("password-resets", {"email": READER}, 202)

    def post(self, path: str, body: Any, status: int) -> Any:
        return self._send(path, json.dumps(body).encode(), "application/json", status)

    def upload(self, content: bytes) -> None:
        part = 'Content-Disposition: form-data; name="file"; filename="bench.ofx"'
        head, end = f"--{BOUNDARY}\r\n{part}\r\n\r\n", f"\r\n--{BOUNDARY}--\r\n"
        body = head.encode() + content + end.encode()
        self._send("imports", body, f"multipart/form-data; boundary={BOUNDARY}", 202)

    def _send(self, path: str, body: bytes, kind: str, status: int) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request("POST", f"/api/v1/{path}", body, {**self._headers, "Content-Type": kind})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == status, content
        return json.loads(content) if content else None


class Letterbox:
    """The emails, which Django's mail framework writes to files."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def count(self) -> int:
        return sum(path.read_bytes().count(b"\nSubject: ") for path in self.directory.iterdir())

    def seconds_to(self, client: Client) -> float:
        """Request an email; return how long it took to arrive."""
        before, began = self.count(), time.monotonic()
        client.ask_for_letter()
        while self.count() == before:
            if time.monotonic() > began + PATIENCE_SECONDS:
                raise TimeoutError("the letter never came")
            time.sleep(0.005)
        return time.monotonic() - began


def _email(number: int) -> str:
    return f"number-{number}@dashtam.example"


async def _fill() -> None:
    from dashtam.container import container

    await add_users(READER, *(_email(number) for number in range(IMPORTS)))
    await container.drain()
    container.database.close()


def _file(number: int, size: int) -> bytes:
    rows = size * 1000 // len(ofx(1000)) + 1
    return ofx(rows, first=number * rows)


def _waiting(superuser: str) -> int:
    with psycopg.connect(superuser) as connection:
        found = connection.execute(WAITING).fetchone()
        assert found
        return int(found[0])


def _forget_letters(superuser: str) -> None:
    """Raise the limit of three emails an hour."""
    with psycopg.connect(superuser) as connection:
        add_entry(connection)
        connection.execute("DELETE FROM identity_mailed_token")


def _slowest(superuser: str, box: Letterbox, client: Client) -> float:
    """Request emails one after the other while imports wait; return the longest delay."""
    taken = []
    for _ in range(LETTERS):
        _forget_letters(superuser)
        time.sleep(PAUSE_SECONDS)
        taken.append(box.seconds_to(client))
        assert _waiting(superuser), "the imports were done before the letter was: take larger files"
    return max(taken)


def _drain(superuser: str) -> float:
    began = time.monotonic()
    while _waiting(superuser):
        time.sleep(0.1)
    return time.monotonic() - began


def _measure(superuser: str, port: int, box: Letterbox, size: int) -> dict[str, float]:
    reader = Client(port, 200)
    clients = [Client(port, number).log_in(_email(number)) for number in range(IMPORTS)]
    files = [_file(number, size) for number in range(IMPORTS)]
    box.seconds_to(reader)
    _forget_letters(superuser)
    figures = {"idle": box.seconds_to(reader)}
    for client, content in zip(clients, files, strict=True):
        client.upload(content)
    figures["behind_ten_users"] = _slowest(superuser, box, reader)
    figures["ten_users_done"] = _drain(superuser)
    for number in range(IMPORTS):
        clients[0].upload(_file(IMPORTS + number, size))
    figures["behind_one_user"] = _slowest(superuser, box, reader)
    figures["one_user_done"] = _drain(superuser)
    figures["slowest"] = max(figures["behind_ten_users"], figures["behind_one_user"])
    return figures


def main(size: int = SIZE) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="dashtam-letters-") as letters,
        migrated_database() as superuser,
    ):
        asyncio.run(_fill())
        # The package that parses the URL removes its first slash.
        more = {"EMAIL_URL": f"filemail:///{letters}", "IMPORTS_WAITING_PER_USER": str(IMPORTS)}
        with serving(superuser, **more) as port:
            asyncio.run(until_ready(port))
            return _measure(superuser, port, Letterbox(Path(letters)), size)


if __name__ == "__main__":
    measured = main(*map(int, sys.argv[1:2]))
    print(json.dumps(measured))
    sys.exit(not sys.argv[1:] and measured["slowest"] > MOST_SECONDS)
