"""Canaries: the secrets of tests, and every place where none of them may ever be seen.

Whatever becomes a password, token, code, key or sealed text while a test runs is a canary. After
the test each is looked for in its log at DEBUG, PostgreSQL's own log, the trail, the outbox,
problem documents, headers and pages of the admin.
"""

import logging
from base64 import b32encode, b64decode, b64encode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Iterable
from functools import wraps
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from adapters.security.envelope import Keyring
from dashtam import keys
from domain.connections.values import Credentials
from domain.identity.values import Password, RecoveryCode, Token, TotpSecret
from domain.sharing.values import AccessKey, SetupToken

PASSWORD = "correct horse battery staple"
#: Of processes that are not this one, and of logins to the database.
ELSEWHERE = (PASSWORD, "hunter2hunter2", "swordfish")

# Shorter or repetitive ones occur in many texts by chance.
SHORTEST, FEWEST_CHARACTERS = 8, 6
# For longer ones, a part is searched.
LONGEST = 1024
PIECE = 64

ROWS = """
    SELECT coalesce(string_agg(t, E'\\n'), '') FROM (
        SELECT audit_entry::text FROM audit_entry UNION ALL
        SELECT outbox_event::text FROM outbox_event) AS told (t)
"""


class Watch:
    """The canaries of a test, and the texts that appeared while it ran."""

    def __init__(self) -> None:
        #: What no answer may show; keys outlive the test that first used them.
        self.never: set[str] = set()
        #: What an answer shows to whom it is for, once.
        self.once: set[str] = set()
        self.kept: set[str] = set()
        self._said: list[tuple[str, str]] = []

    def begin(self) -> None:
        self.never.clear()
        self.once.clear()
        self._said.clear()

    def plant(self, *secrets: str) -> None:
        """Add canaries that become nothing of which all are canaries."""
        self.never |= _forms(secrets)

    def hear(self, where: str, text: str) -> None:
        """Record a text; the canaries are known only when the test is over."""
        self._said.append((where, text))

    def leaks(self) -> list[str]:
        """Return where a canary was seen, without saying which."""
        secrets, all_of_them = self.never | self.kept, self.never | self.kept | self.once
        said: dict[tuple[str, bool], list[str]] = {}
        for where, text in self._said:
            said.setdefault((where, where == ANSWER), []).append(text)
        return [
            where
            for (where, value), texts in said.items()
            if _any_in(secrets if value else all_of_them, "\n".join(texts))
        ]


#: A body that may show a token to whom it is for.
ANSWER = "an answer"
watch = Watch()


def _any_in(secrets: Iterable[str], text: str) -> bool:
    return any(secret in text for secret in secrets)


def _forms(secrets: Iterable[str | bytes]) -> set[str]:
    """Return how secrets may be written."""
    found: set[str] = set()
    for secret in secrets:
        data = secret.encode(errors="replace") if isinstance(secret, str) else secret
        if len(data) > LONGEST:
            data = data[len(data) // 2 :][:PIECE]
        if len(data) < SHORTEST or len(set(data)) < FEWEST_CHARACTERS:
            continue
        escaped = repr(data)[2:-1]
        # A log quotes what is quoted already, and escapes the quotes in it.
        found |= {data.hex(), escaped, escaped.replace("\\", "\\\\"), repr(repr(data))[3:-2]}
        found |= {code(data).decode().rstrip("=") for code in (b64encode, urlsafe_b64encode)}
        found |= {b32encode(data).decode().rstrip("=")}
        found.add(data.decode(errors="replace"))
    return found


def install() -> None:
    """Watch from here on: nothing is replaced, all of it is only looked at."""
    logging.Logger.handle = _after(logging.Logger.handle, _hear_record)  # type: ignore[method-assign]
    for value, secret, canaries in (
        (Password, "text", watch.never),
        (Credentials, "secret", watch.never),
        (Token, "text", watch.once),
        (RecoveryCode, "text", watch.once),
        (SetupToken, "text", watch.once),
        (AccessKey, "password", watch.once),
        (TotpSecret, "key", watch.once),
    ):
        _collect(value, secret, canaries)
    Keyring.seal = _after(  # type: ignore[method-assign]
        Keyring.seal, lambda ring, secret, place: watch.once.update(_forms([secret]))
    )
    keys._parse = _after(keys._parse, _add_key)
    watch.kept |= _forms([*ELSEWHERE, settings.SECRET_KEY])
    for middleware in (settings.MIDDLEWARE, settings.API_MIDDLEWARE):
        middleware.insert(0, f"{__name__}.{Answers.__name__}")


def listen_closely() -> None:
    """Have everything logged at DEBUG; only the usual goes to where people read it."""
    root = logging.getLogger()
    if root.level != logging.DEBUG:
        for handler in root.handlers:
            if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
                handler.setLevel(max(handler.level, root.level))
        root.setLevel(logging.DEBUG)


def hear_rows(connection: BaseDatabaseWrapper) -> None:
    """Read the trail and the outbox, if a test has left them readable."""
    connection.ensure_connection()
    if connection.connection.info.transaction_status.name == "INERROR":
        return
    with connection.connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(ROWS)
        watch.hear("the trail or the outbox", str(cursor.fetchone()[0]))


def hear_committed_rows(connection: BaseDatabaseWrapper) -> None:
    """The same if tests also take databases away."""
    try:
        hear_rows(connection)
    except Error:
        connection.close()


class Answers:
    """Middleware around all others, which records every answer."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        assert iscoroutinefunction(get_response)
        self._get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = await self._get_response(request)
        watch.hear("a header", str(response.headers))
        if isinstance(response, HttpResponse):
            watch.hear(_body_of(request, response), response.content.decode(errors="replace"))
        return response


def _body_of(request: HttpRequest, response: HttpResponse) -> str:
    if request.path.startswith("/admin/"):
        return "a page of the admin"
    problem = response.headers.get("Content-Type") == "application/problem+json"
    return "a problem document" if problem else ANSWER


def _hear_record(logger: logging.Logger, record: logging.LogRecord) -> None:
    if not logger.disabled:
        watch.hear("the log", _rendered(record))


def _rendered(record: logging.LogRecord) -> str:
    """Return a line as the logging of this moment writes it."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            return handler.format(record)
    return logging.Formatter().format(record)


def _collect(value: type, name: str, canaries: set[str]) -> None:
    def add(self: object, *args: Any, **kwargs: Any) -> None:
        canaries.update(_forms([getattr(self, name)]))

    value.__init__ = _after(value.__init__, add)  # type: ignore[misc]


def _add_key(setting: str, item: str) -> None:
    if "PUBLIC" not in setting:
        watch.kept.update(_forms([b64decode(item.strip().partition(":")[2])]))


def _after(function: Callable[..., Any], look: Callable[..., object]) -> Any:
    """Return a function that does the same, and passes its arguments to an observer."""

    @wraps(function)
    def watched(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        look(*args, **kwargs)
        return result

    return watched
