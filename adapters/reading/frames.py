"""What goes through the pipes between the server and a worker: frames of a tag and some bytes."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

#: A part of an answer, the end of it, a refusal, too little memory, and a defect of ours.
DATA, END, REFUSED, MEMORY, DEFECT = b"D", b"E", b"R", b"M", b"X"
#: Bytes of a frame. What is larger is sent in several.
MAX_FRAME = 64 * 1024 * 1024

_HEAD = 5
# Bytes of documents that are sent together.
_BATCH = 256 * 1024
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


Send = Callable[[bytes | memoryview], object]


class Oversized(Exception):
    """A single document is larger than a frame may be."""


def send_frame(send: Send, tag: bytes, payload: bytes | memoryview = b"") -> None:
    send(tag + len(payload).to_bytes(_HEAD - 1, "big"))
    send(payload)


def send_documents(send: Send, write: Callable[[Callable[[Any], None]], object]) -> None:
    """Send what `write` emits, small documents together."""
    batch: list[bytes] = []
    size = 0

    def flush() -> None:
        nonlocal size
        send_frame(send, DATA, b"[" + b",".join(batch) + b"]")
        size = 0
        batch.clear()

    def emit(value: Any) -> None:
        nonlocal size
        document = _encoded(value)
        if size and size + len(document) > _BATCH:
            flush()
        batch.append(document)
        size += len(document)

    write(emit)
    flush()


def _encoded(value: Any) -> bytes:
    # A text may hold half of a surrogate pair: JSON has a way of writing it.
    document = _JSON.encode(value).encode("utf-8", "surrogatepass")
    if len(document) > MAX_FRAME - 2:
        raise Oversized
    return document


def documents(frames: Iterable[bytes]) -> Iterator[Any]:
    """Yield the documents of all frames."""
    for payload in frames:
        yield from json.loads(payload)


def frames_needed(content: bytes) -> int:
    return -(-len(content) // MAX_FRAME)


def send_content(send: Send, content: bytes) -> None:
    """Send bytes in as many frames as they need, without a copy of them."""
    whole = memoryview(content)
    for start in range(0, len(content), MAX_FRAME):
        send_frame(send, DATA, whole[start : start + MAX_FRAME])


def read_frame(read: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """Return a tag and what came with it; `read` returns as many bytes as it is asked for."""
    head = read(_HEAD)
    size = int.from_bytes(head[1:], "big")
    if size > MAX_FRAME:
        raise ValueError("The frame is too large.")
    return head[:1], read(size)


def exactly(source: BinaryIO) -> Callable[[int], bytes]:
    """Return what reads so many bytes from a file, or raises `EOFError`."""

    def read(count: int) -> bytes:
        content = source.read(count)
        if len(content) < count:
            raise EOFError
        return content

    return read
