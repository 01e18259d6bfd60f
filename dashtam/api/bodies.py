"""Bodies of requests, which are read only when a view asks for them, and not too slowly.

`dashtam.http_server` passes every request on without its body. So a request that is
refused for its URL, method, token or rate is refused before any of its body is read.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from django.conf import settings
from django.http import HttpRequest

from dashtam.api.problems import MalformedRequest, Rejected, RequestTimeout
from dashtam.capacity import Capacity, Shortage
from domain.audit.origin import origin
from domain.shared.errors import TooLarge, Unavailable
from domain.shared.limits import TooManyRequests, network_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

#: The key of the body in the scope of a request.
SCOPE_KEY: Final = "dashtam.body"
#: The most bytes of a body without a file: many of them fit in memory at once.
SMALL_BYTES: Final = 64 * 1024
#: A body up to this size is received in memory, and a larger one in a temporary file.
IN_MEMORY_BYTES: Final = 1024 * 1024
RETRY_SECONDS: Final = 10


@dataclass(frozen=True)
class TooManyUploads(TooManyRequests):
    """One network or user is sending as many bodies as it may at once."""

    code = "too-many-uploads"


class ServerBusy(Unavailable):
    """All users together are sending as many bodies as they may at once."""

    code = "server-busy"


@dataclass(frozen=True, slots=True)
class Pool:
    """What bodies of one kind may use: places, and bytes of temporary space.

    Space is reserved for what has been received, one step ahead: a large `Content-Length` alone
    keeps nobody out.
    """

    places: Capacity
    space: Capacity
    step: int


SMALL: Final = Pool(
    places=Capacity(64, 1024),
    space=Capacity(64 * SMALL_BYTES, 1024 * SMALL_BYTES),
    step=SMALL_BYTES,
)
UPLOADS: Final = Pool(
    places=Capacity(settings.UPLOADS_PER_NETWORK, settings.UPLOADS_AT_ONCE),
    # No fewer than four networks or users can fill it, and each has room for the largest file.
    space=Capacity(
        max(settings.UPLOAD_SPOOL_BYTES // 4, settings.IMPORT_MAX_BYTES + SMALL_BYTES),
        settings.UPLOAD_SPOOL_BYTES,
    ),
    step=1024 * 1024,
)


class Incoming:
    """The body of a request that has not been read yet.

    `announced` is its `Content-Length`, or None if it is sent in chunks.
    """

    def __init__(self, receive: Receive, announced: int | None) -> None:
        self.announced = announced
        self.is_complete = False
        self._receive = receive
        self._is_begun = False
        self._over = asyncio.Event()

    async def receive(self) -> Message:
        """Give the application an empty body first, and later the news that the client left."""
        if not self._is_begun:
            self._is_begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        # Until the body is complete, only its reader may receive messages.
        await self._over.wait()
        return await self._receive() if self.is_complete else {"type": "http.disconnect"}

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, as long as it arrives fast enough."""
        began, received = asyncio.get_running_loop().time(), 0
        while not self.is_complete:
            message = await self._next(began + seconds_for(received))
            if message["type"] == "http.disconnect":
                self._over.set()
                raise Rejected(MalformedRequest("The request body ended before it was complete."))
            received += len(message.get("body", b""))
            if not message.get("more_body", False):
                self.is_complete = True
                self._over.set()
            yield message.get("body", b"")

    async def _next(self, deadline: float) -> Message:
        try:
            async with asyncio.timeout_at(deadline):
                return await self._receive()
        except TimeoutError:
            rate = f"{settings.BODY_BYTES_PER_SECOND:,} bytes per second"
            raise Rejected(
                RequestTimeout(f"The body arrived too slowly. Send at least {rate}.")
            ) from None


def seconds_for(received: int) -> float:
    """Return how many seconds a body may take until the next bytes, after so many."""
    fair = settings.BODY_GRACE_SECONDS + received / settings.BODY_BYTES_PER_SECOND
    return float(min(fair, settings.BODY_MAX_SECONDS))


def is_outside(request: HttpRequest) -> bool:
    """Return whether the body is still to be received. In tests, it comes with the request."""
    return SCOPE_KEY in getattr(request, "scope", {})


@asynccontextmanager
async def body_of(
    request: HttpRequest, most: int, too_large: TooLarge, pool: Pool = SMALL
) -> AsyncIterator[IO[bytes]]:
    """Read the body of a request, of at most `most` bytes; it is discarded after the block."""
    if not is_outside(request):
        yield _at_hand(request, most, too_large)
        return
    incoming: Incoming = request.scope[SCOPE_KEY]  # type: ignore[attr-defined]  # ASGI's
    if (incoming.announced or 0) > most:
        raise Rejected(too_large)
    with (
        _share(pool, incoming.announced or most) as grow,
        SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file,
    ):
        async for piece in incoming.pieces():
            if file.tell() + len(piece) > most:
                raise Rejected(too_large)
            grow(file.tell() + len(piece))
            file.write(piece)
        file.seek(0)
        yield file


def _at_hand(request: HttpRequest, most: int, too_large: TooLarge) -> IO[bytes]:
    content = request.read(most + 1)
    if len(content) > most:
        raise Rejected(too_large)
    return BytesIO(content)


@contextmanager
def _share(pool: Pool, most: int) -> Iterator[Callable[[int], None]]:
    """Reserve a place; yield a function that reserves space for a total of bytes."""
    names, size = _names(), 0

    def grow(wanted: int) -> None:
        nonlocal size
        if wanted > size:
            ahead = max(min(wanted + pool.step, most), wanted)
            _require(pool.space.reserve(names, ahead - size))
            size = ahead

    _require(pool.places.reserve(names))
    try:
        grow(1)
        yield grow
    finally:
        pool.places.release(names)
        pool.space.release(names, size)


def _names() -> Collection[str]:
    """Return who a body counts for: the network, and the user if one is known."""
    asking = origin.get()
    network = f"network {network_of(asking.ip_address)}"
    return {network, f"actor {asking.actor.id}"} if asking.actor.id else {network}


def _require(short: Shortage | None) -> None:
    match short:
        case None:
            return
        case Shortage.SHARE:
            reason = "You have too many uploads in progress."
            raise Rejected(TooManyUploads.of(RETRY_SECONDS, reason))
        case Shortage.TOTAL:
            raise Rejected(
                ServerBusy("The server is receiving too many uploads. Try again in a few seconds.")
            )
