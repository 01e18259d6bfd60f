"""Files that are sent: piece by piece, as fast as they are taken."""

import asyncio
from typing import IO, Self

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

PIECE = 64 * 1024


class _Pieces:
    """A file in pieces. Django closes it with the response, also when nobody takes all of it."""

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


def download(content: IO[bytes], *, size: int, name: str, media_type: str) -> StreamingHttpResponse:
    """Answer with a file that is to be kept under this name."""
    return StreamingHttpResponse(
        _Pieces(content),
        content_type=media_type,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": content_disposition_header(True, name) or "attachment",
            "Content-Length": str(size),
        },
    )
