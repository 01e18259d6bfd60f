"""The HTTP client of all providers: it connects only where it may, in bounded time and size.

Whatever goes wrong is a `ProviderTrouble` that repeats neither the request nor the answer.
"""

import asyncio
import base64
import logging
import ssl
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

import httpx2

from adapters.providers.targets import Resolver, resolve_target
from adapters.providers.troubles import trouble
from domain.connections.providers import ProviderTrouble, TroubleKind
from domain.shared.result import Failure, Result, Success

__all__ = ["Client", "HttpClient", "Reply", "resolve_target", "trouble_of"]

MAX_BYTES = 32 * 1024 * 1024
CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 60.0
MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: So much is decompressed before others get a turn: about a millisecond of work.
INFLATED_AT_ONCE = 256 * 1024
#: No provider decides that it is not asked for longer than this.
LONGEST_PAUSE = timedelta(days=1)
USER_AGENT = "Dashtam/1 (self-hosted financial data)"
DEFAULT_PORTS = {"https": 443, "http": 80}
NO_HEADERS: Mapping[str, str] = {}

# At the level DEBUG they show the headers of requests and answers.
for _name in ("httpcore2", "httpx2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that arrived completely; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Target:
    """Where requests go: the host as it is called, and the address to which it was resolved."""

    scheme: str
    host: str
    port: int
    address: str

    def is_origin_of(self, url: httpx2.URL) -> bool:
        return (url.scheme, _host(url), _port(url)) == (self.scheme, self.host, self.port)


@dataclass(frozen=True, slots=True)
class _Message:
    """A request, all but where it goes."""

    method: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    max_bytes: int


class _Unusable(Exception):
    """The answer is too large, or is not encoded as it may be."""


class Client(Protocol):
    """Sends requests to a provider, and never raises for what a network or a provider does."""

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        content: bytes | None = None,
        auth: tuple[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Result[Reply, ProviderTrouble]: ...


class HttpClient:
    """Sends requests to providers, each on a connection of its own.

    With `may_be_private` providers may also be in private networks, and may speak plain HTTP.
    Certificates are checked against those that the system trusts, or against `SSL_CERT_FILE`.
    """

    def __init__(
        self,
        *,
        may_be_private: bool = False,
        resolver: Resolver | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        request_seconds: float = REQUEST_SECONDS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._may_be_private = may_be_private
        self._resolver = resolver
        self._connect_seconds = connect_seconds
        self._request_seconds = request_seconds
        self._max_bytes = max_bytes
        # Here and not with the first request: to read all certificates takes tens of milliseconds.
        self._tls = ssl.create_default_context()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        content: bytes | None = None,
        auth: tuple[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Result[Reply, ProviderTrouble]:
        """Send a request, and return the whole answer whatever its status; a GET may be redirected.

        `auth` are a name and a password (RFC 7617); a URL with credentials in it is refused.
        """
        all_headers = {**headers, "User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
        if auth is not None:
            credentials = base64.b64encode(":".join(auth).encode()).decode()
            all_headers["Authorization"] = f"Basic {credentials}"
        message = _Message(method.upper(), all_headers, content, max_bytes or self._max_bytes)
        try:
            async with asyncio.timeout(self._request_seconds):
                return await self._send(message, url)
        except (TimeoutError, httpx2.TransportError, OSError) as error:
            return Failure(trouble(_kind_of(error)))
        except (httpx2.InvalidURL, _Unusable):
            return Failure(trouble(TroubleKind.PROTOCOL))

    async def _send(self, message: _Message, url_text: str) -> Result[Reply, ProviderTrouble]:
        url = httpx2.URL(url_text)
        resolved = await self._resolve(url)
        if isinstance(resolved, Failure):
            return resolved
        target = resolved.value
        for _ in range(MAX_REDIRECTS + 1):
            reply = await self._exchange(message, target, url)
            if reply.status not in REDIRECTS:
                return Success(reply)
            url = url.join(reply.headers.get("location", ""))
            if message.method not in ("GET", "HEAD") or not target.is_origin_of(url):
                break
        return Failure(trouble(TroubleKind.PROTOCOL, "The provider redirects to where it may not."))

    async def _resolve(self, url: httpx2.URL) -> Result[_Target, ProviderTrouble]:
        schemes = ("https", "http") if self._may_be_private else ("https",)
        if url.scheme not in schemes or url.userinfo or not url.host:
            return Failure(
                trouble(TroubleKind.PROTOCOL, "The address of the provider is not allowed.")
            )
        host, port = _host(url), _port(url)
        found = await asyncio.to_thread(
            resolve_target, host, port, self._may_be_private, self._resolver
        )
        if isinstance(found, Failure):
            return found
        return Success(_Target(url.scheme, host, port, found.value))

    async def _exchange(self, message: _Message, target: _Target, url: httpx2.URL) -> Reply:
        """Send a request; a GET once more if the connection broke before anything was answered."""
        try:
            return await self._attempt(message, target, url)
        except _NothingAnswered as error:
            if message.method != "GET":
                raise error.reason from None
        try:
            return await self._attempt(message, target, url)
        except _NothingAnswered as error:
            raise error.reason from None

    async def _attempt(self, message: _Message, target: _Target, url: httpx2.URL) -> Reply:
        request = httpx2.Request(
            message.method,
            # Not the name: it would be resolved again, perhaps to another address.
            url.copy_with(host=target.address, fragment=None),
            headers={**message.headers, "Host": _authority(target)},
            content=message.content,
            extensions={"sni_hostname": target.host, "timeout": self._timeouts()},
        )
        # Not `AsyncClient`: it logs URLs, and would follow the proxies of the environment.
        async with httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False) as transport:
            try:
                response = await transport.handle_async_request(request)
            except (httpx2.ConnectError, httpx2.ReadError, httpx2.WriteError) as error:
                if _is_about_certificates(error):
                    raise
                raise _NothingAnswered(error) from None
            try:
                content = await _read(response, message.max_bytes)
            finally:
                await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, content)

    def _timeouts(self) -> dict[str, float]:
        return {
            "connect": self._connect_seconds,
            "read": self._request_seconds,
            "write": self._request_seconds,
            "pool": self._request_seconds,
        }


class _NothingAnswered(Exception):
    """The connection was refused, or broke before an answer came."""

    def __init__(self, reason: httpx2.TransportError) -> None:
        super().__init__()
        self.reason = reason


def trouble_of(reply: Reply, *, now: datetime) -> ProviderTrouble | None:
    """Return what the status of an answer says is wrong, or nothing if the request succeeded."""
    if 200 <= reply.status < 300:
        return None
    kind = _KINDS.get(reply.status, TroubleKind.PROTOCOL)
    if reply.status >= 500:
        kind = TroubleKind.TRANSIENT
    is_temporary = kind in (TroubleKind.QUOTA, TroubleKind.TRANSIENT)
    return trouble(kind, until=_retry_after(reply, now) if is_temporary else None)


# A 404 may be a mistake of a moment, while a 410 is meant (RFC 9110).
_KINDS = {
    401: TroubleKind.AUTHENTICATION,
    402: TroubleKind.PAYMENT,
    403: TroubleKind.CONSENT,
    408: TroubleKind.TRANSIENT,
    410: TroubleKind.GONE,
    425: TroubleKind.TRANSIENT,
    429: TroubleKind.QUOTA,
}


def _retry_after(reply: Reply, now: datetime) -> datetime | None:
    """Return when to ask again, which is said in seconds or as a date (RFC 9110)."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), LONGEST_PAUSE)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until, now), now + LONGEST_PAUSE)


def _kind_of(error: Exception) -> TroubleKind:
    is_ours = isinstance(error, httpx2.LocalProtocolError | httpx2.UnsupportedProtocol)
    return TroubleKind.PROTOCOL if is_ours else TroubleKind.TRANSIENT


def _is_about_certificates(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


async def _read(response: httpx2.Response, max_bytes: int) -> bytes:
    """Read an answer; what it grows to when decompressed is bounded as well."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise _Unusable
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    content = bytearray()
    plain = response.stream if encoding == "identity" else _inflated(response.stream)
    async for chunk in plain:
        content += chunk
        if len(content) > max_bytes:
            raise _Unusable
    return bytes(content)


async def _inflated(packed: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Decompress bit by bit, so that a small answer cannot become a large one at once."""
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    async for chunk in packed:
        rest = chunk
        while rest:
            try:
                yield inflate.decompress(rest, INFLATED_AT_ONCE)
            except zlib.error:
                raise _Unusable from None
            if inflate.unused_data:
                raise _Unusable
            rest = inflate.unconsumed_tail
            await asyncio.sleep(0)
    if not inflate.eof:
        raise httpx2.ReadError("The answer ended too early.")


def _host(url: httpx2.URL) -> str:
    return url.raw_host.decode("ascii")


def _port(url: httpx2.URL) -> int:
    return url.port or DEFAULT_PORTS.get(url.scheme, 0)


def _authority(target: _Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if DEFAULT_PORTS[target.scheme] == target.port else f"{host}:{target.port}"
