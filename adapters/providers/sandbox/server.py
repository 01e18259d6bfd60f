"""The simulated bank over SimpleFIN: in this process, or for others over HTTP."""

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from adapters.providers.http import Reply
from adapters.providers.sandbox.bank import CAP, CONNECTIONS, ONE_DAY, PLANS, Bank, Trouble

MAX_HEAD = 16 * 1024
ROOT = "/simplefin"
RETRY_AFTER = 3600
_STATUSES = {Trouble.PAYMENT: 402, Trouble.FORBIDDEN: 403, Trouble.QUOTA: 429, Trouble.OUTAGE: 500}
_TEXT = {"content-type": "text/plain"}
_JSON = {"content-type": "application/json"}


@dataclass(slots=True)
class Sandbox:
    """A server of SimpleFIN with customers, each known by a name, and by any password.

    `tokens` are setup tokens that nobody has used, and the customers whose they are. It answers as
    servers of a version do. What goes wrong with the next requests is in `next_troubles`.
    """

    clock: Callable[[], datetime]
    banks: dict[str, Bank] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    next_troubles: list[Trouble] = field(default_factory=list)
    version: int = 2
    requests: int = 0

    def respond(self, method: str, target: str, auth: str | None, origin: str) -> "Response":
        """Answer a request; `auth` is the name of a customer who is logged in."""
        url = urlsplit(target)
        self.requests += 1
        if method == "POST" and url.path.startswith(f"{ROOT}/claim/"):
            return self._claim(url.path.rpartition("/")[2], origin)
        if method != "GET" or url.path != f"{ROOT}/accounts":
            return Response(404, b"Not Found", _TEXT)
        bank = self.banks.get(auth or "")
        if bank is None:
            return _failed(403, "Forbidden")
        return self._accounts(bank, parse_qs(url.query))

    def setup_token(self, customer: str, origin: str) -> str:
        """Return a setup token, which can be used once."""
        token = f"{customer}-{len(self.tokens)}"
        self.tokens[token] = customer
        return base64.b64encode(f"{origin}{ROOT}/claim/{token}".encode()).decode()

    def _claim(self, token: str, origin: str) -> "Response":
        customer = self.tokens.pop(token, None)
        if customer is None:
            return Response(403, b"Forbidden", _TEXT)
        scheme, _, host = origin.partition("://")
        return Response(200, f"{scheme}://{customer}:password@{host}{ROOT}".encode(), _TEXT)

    def _accounts(self, bank: Bank, query: Mapping[str, Sequence[str]]) -> "Response":
        now = self.clock()
        troubles = {*bank.troubles, *self.next_troubles[:1]}
        del self.next_troubles[:1]
        if bank.consent_until and bank.consent_until <= now:
            troubles.add(Trouble.FORBIDDEN)
        for trouble, status in _STATUSES.items():
            if trouble in troubles:
                retry = {"retry-after": str(RETRY_AFTER)} if status == 429 else {}
                return _failed(status, trouble.value, retry)
        content = json.dumps(self._content(bank, troubles, query, now)).encode()
        return Response(
            *(200, content, _JSON),
            is_cut=Trouble.CUT in troubles,
            is_silent=Trouble.TIMEOUT in troubles,
        )

    def _content(
        self,
        bank: Bank,
        troubles: set[Trouble],
        query: Mapping[str, Sequence[str]],
        now: datetime,
    ) -> dict[str, Any]:
        first, last = _bounds(query, now)
        errors = list[dict[str, str]]()
        if Trouble.CAPPED in troubles and last - first >= CAP:
            first = last - CAP + ONE_DAY
            errors.append({"code": "gen.api", "msg": "The date range is too large."})
        accounts = bank.accounts(now, first, last)
        wanted = query.get("account")
        accounts = [each for each in accounts if not wanted or each["id"] in wanted]
        errors += _errors(bank, troubles)
        for each in accounts:
            if "1" not in query.get("pending", ()):
                each["transactions"] = [row for row in each["transactions"] if row["posted"]]
        return _of_version(self.version, accounts, errors)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; a server may cut it off, or not send it at all."""

    status: int
    content: bytes
    headers: Mapping[str, str]
    is_cut: bool = False
    is_silent: bool = False

    @property
    def reply(self) -> Reply:
        return Reply(self.status, self.headers, self.content)


def _failed(status: int, text: str, headers: Mapping[str, str] = _JSON) -> Response:
    content = json.dumps({"errors": [text], "accounts": []}).encode()
    return Response(status, content, {**_JSON, **headers})


def _bounds(query: Mapping[str, Sequence[str]], now: datetime) -> tuple[date, date]:
    """Return the first and the last day that are asked; the end is not included."""
    end = now + ONE_DAY
    if query.get("end-date"):
        end = min(end, datetime.fromtimestamp(int(query["end-date"][0]), UTC))
    begin = end - timedelta(days=30)
    if query.get("start-date"):
        begin = datetime.fromtimestamp(int(query["start-date"][0]), UTC)
    last = (end - timedelta(seconds=1)).date()
    return min(begin.date(), last), last


def _errors(bank: Bank, troubles: set[Trouble]) -> list[dict[str, str]]:
    card, brokers = PLANS[2], PLANS[3].connection
    of_card = {"conn_id": card.connection, "account_id": bank.account_id(card)}
    errors = {
        Trouble.ACCOUNT_FAILS: {"code": "act.failed", "msg": "Failed.", **of_card},
        Trouble.DATA_MISSING: {"code": "act.missingdata", "msg": "Missing.", **of_card},
        Trouble.LOG_IN: {"code": "con.auth", "msg": "Log in again.", "conn_id": brokers},
    }
    return [error for trouble, error in errors.items() if trouble in troubles]


def _of_version(
    version: int, accounts: list[dict[str, Any]], errors: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    if version == 1:
        for each in accounts:
            del each["conn_id"]
        return {"errors": [_sentence(each) for each in errors], "accounts": accounts}
    for each in accounts:
        del each["org"]
    connections = [
        {"conn_id": key, "name": name, "org_name": name, "org_id": f"ORG-{key}"}
        for key, name in CONNECTIONS.items()
    ]
    return {"errlist": errors, "connections": connections, "accounts": accounts}


def _sentence(error: Mapping[str, str]) -> str:
    bank = CONNECTIONS.get(error.get("conn_id", ""))
    return f"Connection to {bank} may need attention" if bank else error["msg"]


@asynccontextmanager
async def served(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve a sandbox over HTTP while the block runs, and yield its origin."""
    silent = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _answer(sandbox, reader, writer, silent)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, port, limit=MAX_HEAD)
    place = server.sockets[0].getsockname()
    try:
        yield f"http://{place[0]}:{place[1]}"
    finally:
        silent.set()
        server.close()
        await server.wait_closed()


async def _answer(
    sandbox: Sandbox,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    silent: asyncio.Event,
) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request, *lines = head.split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
    }
    method, target, *_ = [*request.split(" "), "", ""]
    origin = f"http://{headers.get('host', '')}"
    response = sandbox.respond(method, target, _customer(headers), origin)
    if response.is_silent:
        await silent.wait()
        return
    named = {**response.headers, "content-length": len(response.content), "connection": "close"}
    written = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    content = response.content[: len(response.content) // 2 if response.is_cut else None]
    writer.write(f"HTTP/1.1 {response.status} Answer\r\n{written}\r\n".encode() + content)
    await writer.drain()


def _customer(headers: Mapping[str, str]) -> str | None:
    """Return the name of Basic authentication (RFC 7617)."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return decoded.partition(":")[0] if scheme.lower() == "basic" else None
