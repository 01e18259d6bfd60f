"""Files to download: sent piece by piece, as fast as the client reads them."""

import asyncio
from typing import IO, Protocol, Self

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

PIECE = 64 * 1024


class _Pieces:
    """A file in pieces. Django closes it with the response, even when the client goes away."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await asyncio.to_thread(self._content.read, PIECE)
        if not piece:
            raise StopAsyncIteration
        return piece

    def close(self) -> None:
        self._content.close()


class Content(Protocol):
    """A finished file with its size and media type."""

    @property
    def content(self) -> IO[bytes]: ...
    @property
    def size(self) -> int: ...
    @property
    def media_type(self) -> str: ...


class Download(Content, Protocol):
    """The same with a name."""

    @property
    def name(self) -> str: ...


def download(file: Download) -> StreamingHttpResponse:
    """Respond with a file for the client to save under its name."""
    response = stream(file)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    return response


def stream(file: Content) -> StreamingHttpResponse:
    """Respond with a file for a program to read."""
    return StreamingHttpResponse(
        _Pieces(file.content),
        content_type=file.media_type,
        headers={"Cache-Control": "no-store", "Content-Length": str(file.size)},
    )
