"""JSON whose rows are known by their lines, and whose numbers stay as they are written."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from adapters.statements.dates import YEARS
from adapters.statements.limits import MAX_DATE, MAX_VALUE

Members = Mapping[str, Any]

# Binary fractions are not exact, and long integers are slow: both stay text.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BLANK = " \t\n\r"
# Escapes of JSON may write what no text can be stored with: NUL, and halves of characters.
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Element(NamedTuple):
    """A value of JSON, and where it begins in the text."""

    value: Any
    start: int


class Text:
    """A text in JSON. What is not as JSON has to be raises `ValueError` or `RecursionError`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line, self._counted_to = 1, 0

    def whole(self) -> Element:
        """Return the value that is the whole text."""
        at = self._skip(0)
        value, end = self._value(at)
        if self._skip(end) != len(self._text):
            raise ValueError("There is more behind the value.")
        return Element(value, at)

    def members(self, start: int) -> dict[str, int]:
        """Return where the values of an object begin; of equal names, the last one counts."""
        found = dict[str, int]()
        at = self._skip(start + 1)
        while self._text[at] != "}":
            name, at = self._value(at)
            at = self._skip(self._skip(at) + 1)
            found[name] = at
            at = self._next(at)
        return found

    def elements(self, start: int) -> Iterator[Element]:
        """Yield the values of an array."""
        at = self._skip(start + 1)
        while self._text[at] != "]":
            value, end = self._value(at)
            yield Element(value, at)
            at = self._after(end)

    def line_of(self, position: int) -> int:
        """Return the line of a position that is not before the last one, counted from 1."""
        self._line += self._text.count("\n", self._counted_to, position)
        self._counted_to = position
        return self._line

    def _value(self, at: int) -> tuple[Any, int]:
        return _DECODER.raw_decode(self._text, at)

    def _next(self, at: int) -> int:
        return self._after(self._value(at)[1])

    def _after(self, end: int) -> int:
        """Return where the next value begins, or where the array or object ends."""
        at = self._skip(end)
        return self._skip(at + 1) if self._text[at] == "," else at

    def _skip(self, at: int) -> int:
        while at < len(self._text) and self._text[at] in _BLANK:
            at += 1
        return at


def clean(value: Any) -> str:
    """Return a text or a number without needless blanks; nothing for anything else.

    A text may be a character longer than allowed, so that this can be told.
    """
    if not isinstance(value, str):
        return ""
    return " ".join(_NO_TEXT.sub(" ", value[: MAX_VALUE + 1]).split())


def word(members: Members, name: str) -> str:
    """Return the text or the number of a member."""
    return clean(members.get(name))


def part(members: Members, name: str) -> Members:
    """Return an object within an object, or an empty one."""
    value = members.get(name)
    return value if isinstance(value, dict) else {}


def moment(members: Members, name: str) -> datetime | None:
    """Return a moment that is written as seconds since 1970; zero and anything else are none."""
    text = word(members, name).partition(".")[0]
    if not text.removeprefix("-").isascii() or len(text) > MAX_DATE:
        return None
    if not text.removeprefix("-").isdigit() or not int(text):
        return None
    try:
        found = datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.year in YEARS else None


def day(members: Members, name: str) -> date | None:
    """Return the day of such a moment in UTC: banks' booking dates are written as noon."""
    found = moment(members, name)
    return found.date() if found else None


def institution_of(account: Members, connection: Members) -> str:
    """Return the name of the bank: in version 2 a connection has it, in version 1 the account."""
    org = part(account, "org")
    names = (
        *(word(org, "name"), word(connection, "org_name"), word(connection, "name")),
        word(org, "domain"),
    )
    return next(filter(None, names), "")
