"""The FinTS bank that the library is tested with: fetched when it is needed, and not part of this.

It answers no request with dates, and knows neither TANs for statements nor apps that confirm. What
is added to it here is said where it is added.
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
#: Stands around the bank: it may change a request, its answer, or both.
Around = Callable[[bytes, Answering], bytes]


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


def as_it_is(message: bytes, answer: Answering) -> bytes:
    return answer(message)


def with_dates(message: bytes, answer: Answering) -> bytes:
    """Answer requests with dates as if they had none: all that the bank has is in them."""
    return answer(re.sub(rb"('HKKAZ:[^']*\+N)\+\d{8}\+\d{8}(?=['+])", _without_dates, message))


def _without_dates(match: re.Match[bytes]) -> bytes:
    is_touchdown = match.string[match.end() : match.end() + 1] == b"+"
    return match[1] + (b"++" if is_touchdown else b"")


@contextmanager
def loopback_bank(around: Around = as_it_is) -> Iterator[LoopbackBank]:
    """Run the bank as long as the block runs."""
    bank = LoopbackBank("")
    module = _module()
    servers: list[http.server.HTTPServer] = []

    def server(address: tuple[str, int], handler: Any) -> http.server.HTTPServer:
        servers.append(http.server.HTTPServer(address, _watched(handler, bank, around)))
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


def _watched(handler: Any, bank: LoopbackBank, around: Around) -> Any:
    class Watched(handler):  # type: ignore[misc]
        def make_answer(self, dialog_id: str, message: bytes) -> bytes:
            bank.messages.append(message)
            answer = super().make_answer
            return around(message, lambda asked: bytes(answer(dialog_id, asked)))

        def log_message(self, *_: object) -> None:
            """The library's bank would write each request to the standard error."""

    return Watched


def _module() -> ModuleType:
    """Load the library's own tests, of which nothing is copied here."""
    path = _fetched() / "tests" / "conftest.py"
    spec = importlib.util.spec_from_file_location("fints_library_conftest", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    strict = fints.parser.robust_mode
    with warnings.catch_warnings():
        # It leaves files open, and has an escape that Python does not know.
        warnings.simplefilter("ignore")
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


@dataclass
class Confirmations:
    """Adds version 7 of TANs to the bank: those that are entered, and an app that confirms.

    Confirmation is demanded once for each request of the kind `segment`: HKIDN is the log-in.
    """

    segment: str = "HKIDN"
    mechanisms: tuple[str, ...] = ("921",)
    is_decoupled: bool = True
    is_confirmed: bool = False
    challenge: bytes = b"Bitte best\xe4tigen"
    hhduc: bytes = b""
    tan: str = "314159"

    def around(self, message: bytes, answer: Answering) -> bytes:
        reply = with_dates(self._asked(message), answer)
        names = ":".join(self._parameters(each) for each in self.mechanisms)
        known = f"'HITANS:53:7:4+1+1+1+J:N:0:{names}'".encode()
        reply = re.sub(rb"'HITANS:53:5:4\+[^']*'", lambda _: known, reply)
        allowed = b"Benutzer:" + ":".join(self.mechanisms).encode()
        reply = reply.replace(b"Benutzer:942", allowed)
        reply = reply.replace(f"{self.segment}:N".encode(), f"{self.segment}:J".encode())
        for number, process, rest in re.findall(rb"'HKTAN:(\d+):7\+([24S])([^']*)", message):
            reply += self._confirmation(number, process, rest, message)
        return reply

    def _asked(self, message: bytes) -> bytes:
        """Have the bank list accounts only when that is confirmed, if it has to be."""
        if self.segment != "HKSPA":
            return message
        is_met = self.is_confirmed and re.search(rb"'HKTAN:\d+:7\+S", message)
        return message.replace(b"'HKSPA:", b"'HKXXX:") + (b"'HKSPA:4:1'" if is_met else b"")

    def _parameters(self, number: str) -> str:
        name = {"921": "pushTAN:Decoupled::pushTAN 2.0"}.get(number, "photo:HHDOPT::photoTAN")
        return f"{number}:2:{name}:6:1:Code:3:N:1:N:0:0:N:N:00:0:N:1:9:3:7:J:J"

    def _confirmation(self, number: bytes, process: bytes, rest: bytes, message: bytes) -> bytes:
        def said(code: bytes, more: bytes = b"") -> bytes:
            return b"HIRMS::2:%s+%s::Antwort'HITAN::7:%s+%s++ref1%s'" % (
                *(number, code, number),
                *(process, more),
            )

        if process == b"4":
            if not rest.startswith(b"+" + self.segment.encode()):
                return said(b"3076")
            more = b"+" + self.challenge
            if self.hhduc:
                more += b"+@%d@%s" % (len(self.hhduc), self.hhduc)
            return said(b"3955" if self.is_decoupled else b"0030", more)
        if process == b"S":
            return said(b"0020" if self.is_confirmed else b"3956")
        is_right = f"{PIN}:{self.tan}'".encode() in message
        return said(b"0020" if is_right else b"9941")
