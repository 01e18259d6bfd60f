"""Decodes the bytes of a file."""

import codecs
import re
from collections.abc import Callable

from adapters.statements import questions
from adapters.statements.encodings import find_encoding
from domain.ledger.errors import HintNeeded, UnreadableStatement
from domain.shared.result import Failure, Result, Success

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# UTF-16 without a mark: so many of the first bytes show that every NUL is in the same place.
_WIDE, _FEW = 1_000, 4
# Of so many characters, one may be damaged in the encoding that is stated.
_DAMAGED = 1_000
# Control characters have no place in a text, and terminals execute some of them.
_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# No file is in these: they are escapes, and slow where texts are long.
_NO_TEXT = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"}
# What old programs and disks put behind the end of a text.
_PADDING = "\0\x1a"
_BINARY = UnreadableStatement("The file is binary: it contains NUL bytes.")


def beginning(head: bytes) -> str:
    """Return the first bytes of a file as text, to recognise its format: ASCII alone is certain."""
    mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
    text = head.removeprefix(mark).replace(b"\0", b"").decode("latin-1")
    return _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def decode(
    content: bytes, stated: str | None = None, is_known: Callable[[str], bool] = lambda cell: False
) -> Result[str, UnreadableStatement]:
    """Return the text of a file with its control characters removed and its line breaks normalised.

    `stated` is the charset that the file declares, or that a person says: it is used when there is
    no byte order mark and the content is not UTF-8. Without it, what reads as words decides, and
    words that are known most of all.
    """
    text = _decoded(content, stated)
    if text is None and b"\0" in content.rstrip(_PADDING.encode()):
        return Failure(_BINARY)
    if text is None:
        found = find_encoding(content, is_known)
        if not isinstance(found, str):
            return Failure(HintNeeded.ask(questions.encoding(found)))
        text = content.decode(found, "replace")
    text = text.lstrip("\ufeff").rstrip(_PADDING)
    if "\0" in text:
        return Failure(_BINARY)
    if "\n" not in text:
        text = text.replace("\r", "\n")
    return Success(_CONTROLS.sub(" ", text))


def _decoded(content: bytes, stated: str | None) -> str | None:
    """Return the text in the encoding that its bytes show, or else in the stated one."""
    marked = next((codec for mark, codec in _MARKS.items() if content.startswith(mark)), None)
    for candidate in filter(None, (marked, wide_encoding(content), "utf-8", stated)):
        try:
            if codecs.lookup(candidate).name not in _NO_TEXT:
                return content.decode(candidate)
        except LookupError:
            continue
        except ValueError:
            text = content.decode(candidate, "replace") if candidate == stated else ""
            if text and text.count("\ufffd") * _DAMAGED <= len(text):
                return text
    return None


def wide_encoding(content: bytes) -> str | None:
    """Return the UTF-16 of a text without a mark: its figures and blanks have a NUL each."""
    head = content[:_WIDE]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if min(even, odd) or even + odd < max(_FEW, len(head) // 50):
        return None
    return "utf-16-be" if even else "utf-16-le"


def in_one(*texts: str) -> str:
    """Return a description of texts that a file has apart, such as a payee and a memo."""
    return " – ".join(dict.fromkeys(filter(None, texts)))


def lines_of(text: str) -> list[str]:
    """Return the lines of a text; only LF, CR and CRLF end a line."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
