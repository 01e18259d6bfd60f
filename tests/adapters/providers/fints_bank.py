"""The FinTS bank that the library is tested with: fetched when it is needed, and not part of this.

It answers no request with dates, and knows neither TANs for statements nor apps that confirm. What
is added to it here says so: `Extras`.
"""

import http.server
import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import fints.parser
import pytest

VERSION = "5.0.1"
CACHE = Path(__file__).parents[3] / "var" / "test-peers"
FOLDER = CACHE / f"fints-{VERSION}"
LOGIN, PIN, LOCKED_PIN = "test1", "1234", "3938"
BANK_CODE = "12345678"
#: By the bank's own words: HKSPA names the first, the user's data (HIUPD) both.
IBANS = ["DE111234567800000001", "DE111234567800000002"]

Answering = Callable[[bytes], bytes]


@dataclass
class Extras:
    """What is added to the bank; each request passes through `around`."""

    around: Callable[[bytes, Answering], bytes] = lambda message, answer: answer(message)


@dataclass
class LoopbackBank:
    """A bank that runs, and every message that it was sent."""

    url: str
    messages: list[bytes] = field(default_factory=list)

    def count(self, segment: str) -> int:
        return sum(f"'{segment}:".encode() in message for message in self.messages)

    @property
    def given(self) -> dict[str, str]:
        return {"bank_code": BANK_CODE, "url": self.url, "login": LOGIN, "pin": PIN}


def with_dates(message: bytes, answer: Answering) -> bytes:
    """Answer requests with dates as if they had none: all that the bank has is in them."""
    return answer(re.sub(rb"('HKKAZ:[^']*\+N)\+\d{8}\+\d{8}(?=['+])", _without_dates, message))


def _without_dates(match: re.Match[bytes]) -> bytes:
    is_touchdown = match.string[match.end() : match.end() + 1] == b"+"
    return match[1] + (b"++" if is_touchdown else b"")


@contextmanager
def loopback_bank(extras: Extras | None = None) -> Iterator[LoopbackBank]:
    """Run the bank as long as the block runs."""
    bank = LoopbackBank("")
    module = _module()
    servers: list[http.server.HTTPServer] = []

    def server(address: tuple[str, int], handler: Any) -> http.server.HTTPServer:
        servers.append(http.server.HTTPServer(address, _watched(handler, bank, extras or Extras())))
        return servers[0]

    strict = fints.parser.robust_mode
    module.http = SimpleNamespace(  # type: ignore[attr-defined]
        server=SimpleNamespace(
            HTTPServer=server, BaseHTTPRequestHandler=http.server.BaseHTTPRequestHandler
        )
    )
    running = module.fints_server.__wrapped__()
    bank.url = next(running)
    try:
        yield bank
    finally:
        for _ in running:
            raise AssertionError("the bank runs on")
        servers[0].server_close()
        fints.parser.robust_mode = strict


def _watched(handler: Any, bank: LoopbackBank, extras: Extras) -> Any:
    class Watched(handler):  # type: ignore[misc]
        def make_answer(self, dialog_id: str, message: bytes) -> bytes:
            bank.messages.append(message)
            answer = super().make_answer
            return extras.around(message, lambda asked: bytes(answer(dialog_id, asked)))

        def log_message(self, *_: object) -> None:
            """The library's bank would write each request to the standard error."""

    return Watched


def _module() -> ModuleType:
    """Load the library's own tests, without a word of theirs being copied here."""
    path = _fetched() / "tests" / "conftest.py"
    spec = importlib.util.spec_from_file_location("fints_library_conftest", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    strict = fints.parser.robust_mode
    with warnings.catch_warnings():
        # It leaves files open.
        warnings.simplefilter("ignore", ResourceWarning)
        spec.loader.exec_module(module)
    fints.parser.robust_mode = strict
    module.print = lambda *_: None  # type: ignore[attr-defined]
    return module


def _fetched() -> Path:
    """Return the folder of the library's source, which is fetched once."""
    if not FOLDER.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        download = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
            *("--no-binary", ":all:", "--disable-pip-version-check", "--dest", str(CACHE)),
            f"fints=={VERSION}",
        ]
        done = subprocess.run(download, capture_output=True, check=False, timeout=300)
        archive = CACHE / f"fints-{VERSION}.tar.gz"
        if done.returncode or not archive.exists():
            pytest.skip(
                f"NOT TESTED: FinTS against a bank that is not ours. The source of fints {VERSION},"
                " which contains that bank, cannot be fetched from the package index."
            )
        unpacked = CACHE / f"unpacking-{os.getpid()}-{threading.get_ident()}"
        with tarfile.open(archive) as opened:
            opened.extractall(unpacked, filter="data")
        try:
            (unpacked / FOLDER.name).rename(FOLDER)
        except OSError:
            # Another worker was faster.
            assert FOLDER.exists()
    return FOLDER
