"""The application as a process of its own, used over the network."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from dashtam.server import command as server_command
from tests import canaries

BOUNDARY = "dashtam-boundary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


class Server:
    """A running server, used like by any client."""

    def __init__(self, port: int, mail_directory: Path, pid: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"
        self.pid = pid
        #: A directory with a file for each email that was sent.
        self.mail_directory = mail_directory
        #: Where it logs, if that is a file of its own.
        self.log = mail_directory
        self.token = ""

    def enter(self, credentials: dict[str, str]) -> None:
        """Register, verify the email address with the emailed token, and log in."""
        assert self.post("/api/v1/users", credentials)[0] == 202
        chosen = {"token": self._mailed(), "password": credentials["password"]}
        proof = json.dumps(chosen).encode()
        answer = self.call("PUT", "/api/v1/email-verifications", proof, "application/json")
        assert answer == (204, None)
        self.log_in(credentials)

    def log_in(self, credentials: dict[str, str]) -> None:
        status, session = self.post("/api/v1/sessions", credentials)
        assert status == 201
        self.token = session["access_token"]

    def _mailed(self) -> str:
        """Wait for the email, and return its token."""
        for _ in range(2400):
            for email_file in self.mail_directory.iterdir():
                if found := re.search(r"dashtam_mail_\w+", email_file.read_text()):
                    return found[0]
            time.sleep(0.05)
        raise AssertionError("no letter came")

    def call(
        self, method: str, path: str, body: bytes | None = None, content_type: str = ""
    ) -> tuple[int, Any]:
        request = urllib.request.Request(self.address + path, data=body, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if content_type:
            request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return response.status, json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            with closing(error):
                return error.code, json.loads(error.read())

    def get(self, path: str) -> Any:
        status, body = self.call("GET", path)
        assert status == 200, body
        return body

    def download(self, path: str) -> bytes:
        request = urllib.request.Request(self.address + path)
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=120) as response:
            content: bytes = response.read()
            assert len(content) == int(response.headers["Content-Length"])
            return content

    def post(self, path: str, body: dict[str, str]) -> tuple[int, Any]:
        return self.call("POST", path, json.dumps(body).encode(), "application/json")

    def upload(self, content: bytes, **fields: str) -> tuple[int, Any]:
        return self.call("POST", "/api/v1/imports", form_of(content, **fields), FORM)


def form_of(content: bytes, **fields: str) -> bytes:
    """Return a form with one file, as it goes over the wire."""
    head = 'Content-Disposition: form-data; name="file"; filename="march.ofx"'
    form = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ).encode()
    form += f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content
    form += f"\r\n--{BOUNDARY}--\r\n".encode()
    return form


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(url: str, **more: str) -> Iterator[Server]:
    """The server on a database, as a login of it, with other settings where some are named."""
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": url}
    environment |= {"DATA_DIR": str(settings.DATA_DIR), "LOG_LEVEL": "DEBUG"}
    environment |= more
    mail_directory = tempfile.TemporaryDirectory(prefix="dashtam-letters-")
    environment["EMAIL_URL"] = f"filemail:///{mail_directory.name}"
    command = server_command("127.0.0.1", port, 1)
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, cwd=settings.ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield ready(Server(port, Path(mail_directory.name), process.pid), process)
        finally:
            mail_directory.cleanup()
            code = _end(process)
            _show(log)
        assert code in (0, -signal.SIGTERM)


def _end(process: "subprocess.Popen[Any]") -> int:
    """Stop the server; one that does not respond is killed, which its exit code shows."""
    process.terminate()
    try:
        return process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _show(log: IO[str]) -> None:
    """Print what the server printed, after a look at it: no secret is in it."""
    log.seek(0)
    log_text = log.read()
    assert "database.done" in log_text
    assert "Exception in" not in log_text
    canaries.watch.hear("the server's log", log_text)
    sys.stderr.write(log_text)


def ready(server: Server, process: "subprocess.Popen[Any]") -> Server:
    """Wait until the server answers."""
    for _ in range(2400):
        assert process.poll() is None, "the server ended"
        try:
            if server.call("GET", "/health/ready")[0] == 200:
                return server
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not become ready")
