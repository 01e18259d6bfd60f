"""Bodies of requests: they wait outside until a view asks for one, and then come in time.

The entrance (`dashtam.entrance`) hands every request on without its body. So whoever is refused
for the URL, the method, the token or the rate is refused before anything of the body is read.
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
from dashtam.rations import Ration, Short
from domain.audit.origin import origin
from domain.shared.errors import TooLarge, Unavailable
from domain.shared.limits import TooManyRequests, network_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

#: Where a request's scope holds its body.
SCOPE_KEY: Final = "dashtam.body"
#: A body that is no file: small enough to wait for many of them in memory.
SMALL_BYTES: Final = 64 * 1024
#: Up to here a body is held in memory while it comes, and from here on in a temporary file.
IN_MEMORY_BYTES: Final = 1024 * 1024
RETRY_SECONDS: Final = 10


@dataclass(frozen=True)
class TooManyUploads(TooManyRequests):
    """One network or user has as many bodies under way as it may have."""

    code = "too-many-uploads"


class ServerBusy(Unavailable):
    """All users together have as many bodies under way as they may have."""

    code = "server-busy"


@dataclass(frozen=True, slots=True)
class Pool:
    """What bodies of one sort may use: places, and bytes of temporary space.

    Space is taken for what has come, a step ahead of it: to announce much keeps nobody out.
    """

    places: Ration
    space: Ration
    step: int


SMALL: Final = Pool(
    places=Ration(64, 1024),
    space=Ration(64 * SMALL_BYTES, 1024 * SMALL_BYTES),
    step=SMALL_BYTES,
)
UPLOADS: Final = Pool(
    places=Ration(settings.UPLOADS_PER_NETWORK, settings.UPLOADS_AT_ONCE),
    # Four networks or users can fill it, no fewer; each has room for the largest file.
    space=Ration(
        max(settings.UPLOAD_SPOOL_BYTES // 4, settings.IMPORT_MAX_BYTES + SMALL_BYTES),
        settings.UPLOAD_SPOOL_BYTES,
    ),
    step=1024 * 1024,
)


class Incoming:
    """The body of one request that has not been read yet.

    `announced` is its length, or None where it comes in chunks.
    """

    def __init__(self, receive: Receive, announced: int | None) -> None:
        self.announced = announced
        self.is_complete = False
        self._receive = receive
        self._is_begun = False
        self._over = asyncio.Event()

    async def receive(self) -> Message:
        """Tell the application of an empty body, and later of a client that went away."""
        if not self._is_begun:
            self._is_begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        # Until the body is read, only whoever reads it may ask what comes.
        await self._over.wait()
        return await self._receive() if self.is_complete else {"type": "http.disconnect"}

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes, as long as it comes fast enough."""
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
                RequestTimeout(f"The body came too slowly. Send at least {rate}.")
            ) from None


def seconds_for(received: int) -> float:
    """Return how long a body may take of which so much has come."""
    fair = settings.BODY_GRACE_SECONDS + received / settings.BODY_BYTES_PER_SECOND
    return float(min(fair, settings.BODY_MAX_SECONDS))


def is_outside(request: HttpRequest) -> bool:
    """Tell whether the body of a request waits outside. In tests, it comes with the request."""
    return SCOPE_KEY in getattr(request, "scope", {})


@asynccontextmanager
async def body_of(
    request: HttpRequest, most: int, too_large: TooLarge, pool: Pool = SMALL
) -> AsyncIterator[IO[bytes]]:
    """Read the body of a request, of at most so many bytes; what is read ends with the block."""
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
    """Take a place; yield a function that takes space for so many bytes in all."""
    names, size = _names(), 0

    def grow(wanted: int) -> None:
        nonlocal size
        if wanted > size:
            ahead = max(min(wanted + pool.step, most), wanted)
            _require(pool.space.take(names, ahead - size))
            size = ahead

    _require(pool.places.take(names))
    try:
        grow(1)
        yield grow
    finally:
        pool.places.give_back(names)
        pool.space.give_back(names, size)


def _names() -> Collection[str]:
    """Return whose share a body is of: the network's, and the user's where one is known."""
    asking = origin.get()
    network = f"network {network_of(asking.ip_address)}"
    return {network, f"actor {asking.actor.id}"} if asking.actor.id else {network}


def _require(short: Short | None) -> None:
    match short:
        case None:
            return
        case Short.SHARE:
            told = f"Too many uploads at once. Try again in {RETRY_SECONDS} seconds."
            raise Rejected(TooManyUploads(told, RETRY_SECONDS))
        case Short.TOTAL:
            raise Rejected(ServerBusy("The server has too many uploads at once. Try again."))
