"""What all written files have in common: UTF-8 in blocks, and texts that break nothing."""

import re
from collections.abc import Iterable, Iterator

BLOCK = 64 * 1024

# What XML 1.0 cannot hold and what a terminal would obey: C0, C1, half characters, and the two
# that are none.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def in_blocks(pieces: Iterable[str]) -> Iterator[bytes]:
    """Encode pieces, and put them together to blocks that are worth writing."""
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
    """Take out characters that no text of a bank means; blanks and line ends stay."""
    return _CONTROLS.sub("", text)


def on_one_line(text: str) -> str:
    """Take them out, and let one blank stand for every space between words."""
    return " ".join(without_controls(text).split())
