"""The protocol between the server and a worker: frames of a tag and a payload."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

#: A part of a response, its end, a refusal, exhausted memory, and a defect of the reader.
DATA, END, REFUSED, MEMORY, DEFECT = b"D", b"E", b"R", b"M", b"X"
#: Largest payload of a frame in bytes; larger contents are sent in several frames.
MAX_FRAME = 64 * 1024 * 1024

_HEAD = 5
# Documents are sent together up to this many bytes.
_BATCH = 256 * 1024
_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


Send = Callable[[bytes | memoryview], object]


class Oversized(Exception):
    """A single document does not fit into a frame."""


def send_frame(send: Send, tag: bytes, payload: bytes | memoryview = b"") -> None:
    send(tag + len(payload).to_bytes(_HEAD - 1, "big"))
    send(payload)


def send_documents(send: Send, write: Callable[[Callable[[Any], None]], object]) -> None:
    """Send the documents that `write` emits, small ones together."""
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
    # A text may contain a lone surrogate.
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
    """Send bytes in as many frames as they need, without copying them."""
    whole = memoryview(content)
    for start in range(0, len(content), MAX_FRAME):
        send_frame(send, DATA, whole[start : start + MAX_FRAME])


def read_frame(read: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """Return a tag and its payload; `read` must return exactly as many bytes as requested."""
    head = read(_HEAD)
    size = int.from_bytes(head[1:], "big")
    if size > MAX_FRAME:
        raise ValueError("The frame is too large.")
    return head[:1], read(size)


def exactly(source: BinaryIO) -> Callable[[int], bytes]:
    """Return a function that reads exactly `count` bytes, or raises `EOFError`."""

    def read(count: int) -> bytes:
        content = source.read(count)
        if len(content) < count:
            raise EOFError
        return content

    return read
