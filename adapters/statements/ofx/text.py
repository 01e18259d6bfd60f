"""From the text of an OFX file to tags with their values.

One tolerant scanner serves SGML, where leaves need no end tag, and XML. It goes over the text once
and keeps no tree.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from domain.ledger.errors import UnreadableStatement
from domain.shared.result import Failure, Result, Success

_CHARSET = re.compile(rb"CHARSET:\s*([\w-]+)|encoding=[\"']([\w-]+)", re.IGNORECASE)
_WINDOWS = re.compile(r"125\d")

# A tag without its namespace, and what stands behind it up to the next one. A bare `<` in a text
# is text. Nothing is tried twice: a tag that never ends would take for ever.
_TAG = re.compile(
    r"<(/?)(?:[A-Za-z][\w.-]*+:)?([A-Za-z][\w.-]*+)[^<>]*+>([^<]*+(?:<(?![/A-Za-z?!])[^<]*+)*+)"
)
# Names and values that are kept once, however often they stand in a file.
_REMEMBERED = 4096
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}


class Tag(NamedTuple):
    """A tag, the text behind it with its entities decoded, and where it begins."""

    closing: str
    name: str
    value: str
    start: int


def stated_charset(content: bytes) -> str | None:
    """Return the codec that the header names."""
    found = _CHARSET.search(content[:2048])
    name = (found[1] or found[2]).decode() if found else None
    return f"cp{name}" if name and _WINDOWS.fullmatch(name) else name


def without_markup(text: str) -> Result[str, UnreadableStatement]:
    """Take out comments and CDATA marks; refuse declarations, which can hide anything."""
    if "<!" not in text:
        return Success(text)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return Failure(UnreadableStatement("The file declares a DOCTYPE or entities: refused."))
    text = _replace(text, "<!--", "-->", lambda inside: "\n" * inside.count("\n"))
    return Success(_replace(text, "<![CDATA[", "]]>", _escape))


def tags(text: str) -> Iterator[Tag]:
    """Yield every tag in order."""
    named, cleaned = (lru_cache(_REMEMBERED)(each) for each in (str.upper, _cleaned))
    for match in _TAG.finditer(text):
        slash, name, value = match.groups()
        yield Tag(slash, named(name), cleaned(value), match.start())


def _cleaned(text: str) -> str:
    """Decode the entities of XML and character references, once; a bare & stays."""
    text = text.strip()
    return _ENTITY.sub(_character, text) if "&" in text else text


def _replace(text: str, opening: str, closing: str, inner: Callable[[str], str]) -> str:
    """Put something in the place of each marked piece; an unclosed one reaches to the end."""
    first, *pieces = text.split(opening)
    kept = [first]
    for piece in pieces:
        inside, _, after = piece.partition(closing)
        kept += [inner(inside), after]
    return "".join(kept)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _character(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    printable = code in (9, 10, 13) or 32 <= code < 127 or 160 <= code < 0xD800
    printable = printable or 0xE000 <= code <= 0x10FFFF
    return chr(code) if printable else match[0]
