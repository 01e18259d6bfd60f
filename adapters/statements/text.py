"""Decodes the bytes of a file."""

import re

from domain.ledger.errors import UnreadableStatement
from domain.shared.result import Failure, Result, Success

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# Control characters have no place in a text, and terminals execute some of them.
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def decode(content: bytes, stated: str | None = None) -> Result[str, UnreadableStatement]:
    """Return the text of a file with its control characters removed and its line breaks normalised.

    `stated` is the charset that the file declares: it is used when there is no byte order mark and
    the content is not UTF-8.
    """
    text = _decoded(content, stated)
    if "\0" in text:
        return Failure(UnreadableStatement("The file is binary: it contains NUL bytes."))
    if "\n" not in text:
        text = text.replace("\r", "\n")
    return Success(_CONTROLS.sub(" ", text))


def _decoded(content: bytes, stated: str | None) -> str:
    marked = next((codec for mark, codec in _MARKS.items() if content.startswith(mark)), None)
    for candidate in (marked, "utf-8", stated, "cp1252"):
        try:
            return content.decode(candidate or "utf-8")
        except (ValueError, LookupError):
            continue
    return content.decode("latin-1")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text; only LF, CR and CRLF end a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
