"""Scans the text of an OFX file for tags and their values, and reads its dates.

One tolerant scanner serves both SGML, where leaves need no end tag, and XML. It passes over the
text once and builds no tree.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import lru_cache, partial
from html.entities import name2codepoint
from typing import NamedTuple

from domain.ledger.errors import UnreadableStatement
from domain.shared.result import Failure, Result, Success

_CHARSET = re.compile(rb"CHARSET:\s*([\w-]+)|encoding=[\"']([\w-]+)", re.IGNORECASE)
_WINDOWS = re.compile(r"125\d")

# A tag without its namespace, and the text up to the next one. A bare `<` in a text is text.
# Possessive quantifiers keep a tag that never ends from causing exponential backtracking.
_TAG = re.compile(
    r"<(/?)(?:[A-Za-z][\w.-]*+:)?([A-Za-z][\w.-]*+)[^<>]*+>([^<]*+(?:<(?![/A-Za-z?!])[^<]*+)*+)"
)
# Most rows have nothing but leaves in capitals, with or without end tags. A row within a row is not
# such a leaf, so that of rows without an end, each is read no further than the next.
_LEAVES = r"(?:<(?!STMTTRN>)([A-Z][A-Z0-9]*+)>[^<>&]*+(?:</\1>\s*+)?+)*+"
_PLAIN_ROW = re.compile(rf"<STMTTRN>\s*+{_LEAVES}</STMTTRN>")
_ROW_OR_TAG = re.compile(rf"{_PLAIN_ROW.pattern}|{_TAG.pattern}")
# Size of the caches by which repeated names and values share one string.
_CACHED = 4096
_ENTITY = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{1,7})|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));")
# Those of XML and of HTML 4, which banks use for accents.
_NAMED = {name: chr(code) for name, code in name2codepoint.items()}
_NAMED |= {"apos": "'", "nbsp": " ", "shy": ""}
# OFX 2.2, sections 3.2.8 and 3.2.9
_AMOUNT = re.compile(
    r"<(?:TRNAMT|TOTAL|BALAMT|AVAILCASH|FRACCASH|(?:OLD|NEW)?UNITS|UNITPRICE|MKTVAL|AVGCOSTBASIS)>"
    r"([^<]{0,64})",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)


def stated_charset(content: bytes) -> str | None:
    """Return the codec that the header declares."""
    found = _CHARSET.search(content[:2048])
    name = (found[1] or found[2]).decode() if found else None
    return f"cp{name}" if name and _WINDOWS.fullmatch(name) else name


def without_markup(text: str) -> Result[str, UnreadableStatement]:
    """Remove comments and CDATA marks; refuse declarations, because they can hide anything."""
    if "<!" not in text:
        return Success(text)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        detail = "The file declares a DOCTYPE or entities, which are not accepted."
        return Failure(UnreadableStatement(detail))
    text = _replace(text, "<!--", "-->", lambda inside: "\n" * inside.count("\n"))
    return Success(_replace(text, "<![CDATA[", "]]>", _escape))


class Tag(NamedTuple):
    """A tag: whether it closes, its name, the text after it, and where it begins.

    Entities in the text are decoded. A whole row is its first tag, with all of its `leaves`.
    """

    is_closing: bool
    name: str
    value: str
    start: int
    leaves: Mapping[str, str] | None = None


def tags(text: str, aggregates: Collection[str]) -> Iterator[Tag]:
    """Yield every tag, but rows that contain none of these aggregates as a whole."""
    cache = lru_cache(_CACHED)
    named, cleaned, stripped = cache(str.upper), cache(_cleaned), cache(str.strip)
    leaves_alone = cache(partial(_leaves_alone, aggregates))

    def each_tag(found: Iterator[re.Match[str]]) -> Iterator[Tag]:
        for match in found:
            slash, name, value = match.groups()[-3:]
            if name:
                yield Tag(bool(slash), named(name), cleaned(value), match.start())
                continue
            parts = match[0].replace("<", ">").split(">")[3:-2]
            if names := leaves_alone(tuple(parts[::2])):
                pairs = zip(names, map(stripped, parts[1::2]), strict=True)
                leaves = {name: value for name, value in pairs if value}
                yield Tag(False, "STMTTRN", "", match.start(), leaves)
            else:
                yield from each_tag(_TAG.finditer(text, *match.span()))

    return each_tag(_ROW_OR_TAG.finditer(text))


def _leaves_alone(aggregates: Collection[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of leaves, or none if one is of an aggregate or comes twice."""
    own = set(names)
    is_plain = len(own) == len(names) and own.isdisjoint(aggregates)
    return names if is_plain else ()


def amounts_in(text: str) -> Iterator[str]:
    """Yield every amount of a file as written."""
    return (match[1].strip() for match in _AMOUNT.finditer(text))


def parse_day(text: str) -> date | str:
    """Return the date as the bank wrote it; the time and zone that may follow it are ignored."""
    return _day(text[:8]) if text else "no booking date"


def _cleaned(text: str) -> str:
    """Decode XML entities and character references once; a bare & stays as it is."""
    text = text.strip()
    return _ENTITY.sub(_character, text) if "&" in text else text


def _replace(text: str, opening: str, closing: str, inner: Callable[[str], str]) -> str:
    """Replace each delimited section; an unclosed one extends to the end."""
    first, *sections = text.split(opening)
    parts = [first]
    for section in sections:
        inside, _, after = section.partition(closing)
        parts += [inner(inside), after]
    return "".join(parts)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _character(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _named(name, match[0])
    code = int(decimal) if decimal else int(hexadecimal, 16)
    printable = code in (9, 10, 13) or 32 <= code < 127 or 160 <= code < 0xD800
    printable = printable or 0xE000 <= code <= 0x10FFFF
    return chr(code) if printable else match[0]


def _named(name: str, otherwise: str) -> str:
    """Return the character of a named entity, which may be in capitals as the text around it."""
    names = (name, name.capitalize(), name.lower()) if name.isupper() else (name,)
    return next((_NAMED[each] for each in names if each in _NAMED), otherwise)


@lru_cache(4096)
def _day(text: str) -> date | str:
    match = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else "the date is not a date"
    except ValueError:
        return "the date does not exist"
