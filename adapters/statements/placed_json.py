"""Reads a JSON document of which one list is long, and where in the text its items begin."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.statements.limits import MAX_VALUE

#: Leaves of one item, and characters of the path to one.
MAX_LEAVES, MAX_PATH = 500, 255
_BLANKS = re.compile(r"[ \t\n\r]*+")
# Numbers stay as they are written: amounts are exact.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
# What JSON can escape and a text cannot contain: controls, and half a surrogate pair.
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class TooManyItems(Exception):
    """The list has more items than it may."""


@dataclass
class PlacedJson:
    """An object: its members, and the items of the list with the lines on which they begin."""

    members: dict[str, Any] = field(default_factory=dict)
    items: list[tuple[int, Any]] = field(default_factory=list)


def placed_json(text: str, list_name: str, max_items: int) -> PlacedJson:
    """Read an object with a list of this name; raise `ValueError` if the text is none.

    Numbers are read as texts. Raises `TooManyItems` if the list is too long, and `RecursionError`
    if the text is nested too deeply.
    """
    return _Parser(text, list_name, max_items).run()


def text_leaves(value: Any) -> dict[str, str]:
    """Return the texts within a value by their paths, such as `creditor.name`.

    Texts of a list are the lines of one leaf. What cannot be stored in a text is left out.
    """
    leaves: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting and len(leaves) < MAX_LEAVES:
        path, each = waiting.pop()
        if isinstance(each, Mapping):
            inner = [(f"{path}.{name}" if path else str(name), each[name]) for name in each]
            waiting += [pair for pair in reversed(inner) if len(pair[0]) <= MAX_PATH]
        elif isinstance(each, list):
            waiting += [(path, item) for item in reversed(each)]
        elif isinstance(each, str):
            _add(leaves, path, _UNUSABLE.sub(" ", each[: MAX_VALUE + 1]))
    return leaves


def _add(leaves: dict[str, str], path: str, text: str) -> None:
    before = leaves.get(path, "")
    if text.strip() and len(before) <= MAX_VALUE:
        leaves[path] = f"{before}\n{text}" if before else text


class _Parser:
    """Reads the outermost object and its list step by step, and what is in them at once."""

    def __init__(self, text: str, list_name: str, max_items: int) -> None:
        self._text, self._list_name, self._max_items = text, list_name, max_items
        self._at = 0
        self._line, self._counted_to = 1, 0
        self._read = PlacedJson()

    def run(self) -> PlacedJson:
        self._expect("{")
        if not self._skip("}"):
            self._member()
            while self._skip(","):
                self._member()
            self._expect("}")
        if self._next():
            raise ValueError("something follows the object")
        return self._read

    def _member(self) -> None:
        name = self._value() if self._next() == '"' else None
        self._expect(":")
        if name == self._list_name and self._next() == "[":
            self._read.items.clear()
            self._items()
        elif isinstance(name, str):
            self._read.members[name] = self._value()
        else:
            raise ValueError("a member has no name")

    def _items(self) -> None:
        self._expect("[")
        if self._skip("]"):
            return
        self._item()
        while self._skip(","):
            self._item()
        self._expect("]")

    def _item(self) -> None:
        if len(self._read.items) >= self._max_items:
            raise TooManyItems
        self._next()
        self._line += self._text.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        self._read.items.append((self._line, self._value()))

    def _value(self) -> Any:
        self._next()
        value, self._at = _DECODER.raw_decode(self._text, self._at)
        return value

    def _next(self) -> str:
        """Go on to what is not blank, and return its first character."""
        blanks = _BLANKS.match(self._text, self._at)
        self._at = blanks.end() if blanks else self._at
        return self._text[self._at : self._at + 1]

    def _skip(self, mark: str) -> bool:
        found = self._next() == mark
        self._at += found
        return found

    def _expect(self, mark: str) -> None:
        if not self._skip(mark):
            raise ValueError(f"no {mark}")
