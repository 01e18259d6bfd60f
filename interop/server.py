"""A server of Dashtam with a database of its own, and its users."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "a long enough password"
_BOUNDARY = "dashtam-interop"
_PATIENCE_SECONDS = 120


def free_port() -> int:
    """Return a port of this machine at which nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(command: list[str], log: Path, **more: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program whose output goes to a file, and stop it by its id afterwards."""
    with log.open("ab") as output:
        running = subprocess.Popen(command, stdout=output, stderr=output, **more)
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(60)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def wait_for(url: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        if running.poll() is not None:
            raise RuntimeError(f"A server ended:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"There is no answer from {url}:\n{log.read_text()[-2000:]}")


@contextmanager
def dashtam(directory: Path, port: int, public_url: str = "") -> Iterator[str]:
    """Run `manage.py serve` as `make run` does; the database in the directory stays."""
    mailbox = directory / "mailbox"
    mailbox.mkdir(exist_ok=True)
    settings = {
        "DATA_DIR": str(directory / "data"),
        "EMAIL_URL": f"filemail:///{mailbox}",
        "PUBLIC_URL": public_url,
        "DATABASE_URL": "",
    }
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    log = directory / "dashtam.log"
    with process(command, log, cwd=ROOT, env={**os.environ, **settings}) as running:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/health/ready", running, log)
        yield address


class User:
    """A user of a server, who logs in for every few steps."""

    def __init__(self, address: str, email: str) -> None:
        self._address = address
        self._credentials = {"email": email, "password": PASSWORD}
        self._token = ""

    def register(self, mailbox: Path) -> None:
        """Register, and confirm the email address with the token from the email."""
        self._send("POST", "users", self._credentials)
        proof = {"token": _mailed(mailbox), "password": PASSWORD}
        self._send("PUT", "email-verifications", proof)

    def log_in(self) -> None:
        self._token = ""
        self._token = self._send("POST", "sessions", self._credentials)["access_token"]

    def upload(self, content: bytes) -> None:
        head = 'Content-Disposition: form-data; name="file"; filename="statement"'
        form = f"--{_BOUNDARY}\r\n{head}\r\n\r\n".encode() + content
        form += f"\r\n--{_BOUNDARY}--\r\n".encode()
        self._call("POST", "imports", form, f"multipart/form-data; boundary={_BOUNDARY}")

    def accounts(self) -> list[dict[str, Any]]:
        return list(self._call("GET", "accounts", None, "")["items"])

    def setup_token(self, name: str) -> str:
        """Connect an app that reads all accounts."""
        return str(self._send("POST", "connected-apps", {"name": name})["setup_token"])

    def _send(self, method: str, path: str, body: dict[str, str]) -> Any:
        return self._call(method, path, json.dumps(body).encode(), "application/json")

    def _call(self, method: str, path: str, body: bytes | None, kind: str) -> Any:
        url = f"{self._address}/api/v1/{path}"
        request = urllib.request.Request(url, data=body, method=method)
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        if kind:
            request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            with closing(error):
                raise RuntimeError(f"{method} {path}: {error.read().decode()}") from None


def _mailed(mailbox: Path) -> str:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        for email in mailbox.iterdir():
            if found := re.search(r"dashtam_mail_\w+", email.read_text()):
                email.unlink()
                return found[0]
        time.sleep(0.05)
    raise RuntimeError("No email arrived.")


def read_simplefin(setup_token_or_url: str, query: str, context: Any = None) -> tuple[str, Any]:
    """Claim a setup token or use an access URL; return the access URL, and the answer."""
    url = setup_token_or_url
    if not url.startswith("http"):
        claim = urllib.request.Request(b64decode(url).decode(), method="POST")
        with urllib.request.urlopen(claim, timeout=60, context=context) as response:
            url = response.read().decode()
    parts = urlsplit(url)
    said = b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    bare = f"{parts.scheme}://{parts.hostname}:{parts.port}{parts.path}/accounts?{query}"
    request = urllib.request.Request(bare, headers={"Authorization": f"Basic {said}"})
    with urllib.request.urlopen(request, timeout=60, context=context) as response:
        return url, json.loads(response.read())
