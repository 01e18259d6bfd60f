"""Shared by all writers: UTF-8 in blocks, and texts without control characters."""

import re
from collections.abc import Iterable, Iterator

BLOCK = 64 * 1024

# What XML 1.0 cannot contain and what a terminal would execute: C0, C1, surrogates, and
# noncharacters.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def in_blocks(pieces: Iterable[str]) -> Iterator[bytes]:
    """Encode pieces, and join them into blocks of an efficient size."""
    block: list[str] = []
    size = 0
    for piece in pieces:
        block.append(piece)
        size += len(piece)
        if size >= BLOCK:
            yield "".join(block).encode()
            block, size = [], 0
    if block:
        yield "".join(block).encode()


def without_controls(text: str) -> str:
    """Remove control characters; spaces and line ends stay."""
    return _CONTROLS.sub("", text)


def on_one_line(text: str) -> str:
    """Remove control characters, and replace each run of whitespace with one space."""
    return " ".join(without_controls(text).split())
