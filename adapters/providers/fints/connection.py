"""Carries messages to a bank and its answers back, within bounds of size and number."""

import asyncio
import binascii
import re
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any

from fints.connection import FinTSHTTPSConnection
from fints.exceptions import FinTSClientError
from fints.message import FinTSInstituteMessage

from adapters.providers.http import HttpClient, trouble_of
from adapters.providers.troubles import trouble
from domain.connections.providers import ProviderTrouble, TroubleKind
from domain.shared.result import Failure

#: A year of statements is a tenth of it.
MAX_MESSAGE_BYTES = 8 * 1024 * 1024
#: Of one dialog; a page of statements is a message.
MAX_MESSAGES = 150
MAX_DIALOG_BYTES = 24 * 1024 * 1024
#: The library copies the rest of a message for each of its marks, so both are bounded.
MAX_MARKS = 20_000
MAX_COPIED_BYTES = 4_000_000_000
_MARK = re.compile(rb"\?|[+:']|@([0-9]{1,9})@", re.ASCII)
#: Of one dialog, before its last message, which may take a minute: a sync has a lease of two. A
#: person may take longer, because the dialog is paused in between.
DIALOG_SECONDS = 55
# What the HTTP client allows for a message, and a little more.
_MESSAGE_SECONDS = 75


class BankError(FinTSClientError):  # type: ignore[misc]
    """The bank did not do what was asked; the library passes this error on unchanged."""

    def __init__(self, trouble: ProviderTrouble) -> None:
        super().__init__()
        self.trouble = trouble


class RefusedAnswer(FinTSClientError):  # type: ignore[misc]
    """What a person has entered is refused; the argument is why, as a sentence."""


class BankConnection(FinTSHTTPSConnection):  # type: ignore[misc]
    """A connection that logs nothing, and connects only where providers may be.

    It is used by a thread; the event loop sends what the thread waits for.
    """

    def __init__(
        self, url: str, http: HttpClient, loop: asyncio.AbstractEventLoop, now: datetime
    ) -> None:
        # Not the one of the library: it would make a client that follows redirects and proxies.
        self.url = url
        self._http = http
        self._loop = loop
        self._now = now
        self._messages = 0
        self._bytes = 0
        self._until = loop.time() + DIALOG_SECONDS
        self.is_cancelled = False

    def send(self, msg: Any) -> Any:
        """Send a message, once, and return the answer."""
        self._messages += 1
        if self._loop.time() > self._until:
            raise BankError(trouble(TroubleKind.TRANSIENT, "The bank takes too long to answer."))
        if self.is_cancelled or self._messages > MAX_MESSAGES or self._bytes > MAX_DIALOG_BYTES:
            raise _unusable()
        content = self._exchange(b64encode(msg.render_bytes()))
        self._bytes += len(content)
        try:
            answer = b64decode(content)
        except binascii.Error:
            raise _unusable() from None
        if not is_readable(answer):
            raise _unusable()
        return FinTSInstituteMessage(segments=answer)

    def _exchange(self, content: bytes) -> bytes:
        sending = self._http.send(
            "POST",
            self.url,
            headers={"Content-Type": "text/plain"},
            content=content,
            max_bytes=MAX_MESSAGE_BYTES,
        )
        sent = asyncio.run_coroutine_threadsafe(sending, self._loop).result(_MESSAGE_SECONDS)
        if isinstance(sent, Failure):
            raise BankError(sent.error)
        refused = trouble_of(sent.value, now=self._now)
        if refused:
            raise BankError(refused)
        return sent.value.content


def is_readable(message: bytes) -> bool:
    """Return whether a message, and the one that it wraps, is read in bounded time."""
    wrapped = _wrapped(message)
    return wrapped is not None and all(_wrapped(each) is not None for each in wrapped)


def _wrapped(message: bytes) -> list[bytes] | None:
    """Return the binary elements of a message, or nothing if it has too many marks."""
    found = list[bytes]()
    position, marks = 0, 0
    while mark := _MARK.search(message, position):
        marks += 1
        position = mark.end()
        if mark[0] == b"?":
            position += 1
        elif mark[1]:
            found.append(message[position : position + int(mark[1])])
            position += int(mark[1])
        if marks > MAX_MARKS or marks * len(message) > MAX_COPIED_BYTES:
            return None
    return found


def _unusable() -> BankError:
    return BankError(trouble(TroubleKind.PROTOCOL))
