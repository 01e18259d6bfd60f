"""Splits the text of an MT940 file into messages and fields."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

from adapters.statements.limits import MAX_VALUE

# A tag, or the hyphen that ends a message; other blocks of its envelope may follow it.
_MARK = re.compile(
    r"^[ \t]{0,80}(?::(?P<tag>\d{2}[A-Z]?|NS):|-(?:\}[^\n]*)?[ \t]{0,80}$)", re.MULTILINE | re.ASCII
)
# Banks that break lines at a fixed length may do so within a tag.
_BROKEN_TAG = re.compile(r"^:[ \t]*\n(?=\d{2}[A-Z]?:)", re.MULTILINE | re.ASCII)
_ENVELOPE = re.compile(r"^\{[^\n]*\{4:[ \t]*\n?", re.MULTILINE)
_ACCOUNT = ("25", "25P")
# After the end of a message, these begin another one of the same account.
_BODY = ("60F", "60M", "61")


class Field(NamedTuple):
    """A field: its tag without colons, its text, and the line on which it begins."""

    tag: str
    text: str
    line: int


@dataclass
class Entry:
    """A statement line (:61:), and the information to the account owner (:86:) that follows it."""

    line: int
    text: str
    information: str = ""

    def add_information(self, text: str) -> None:
        """Append information, up to the largest length of a value."""
        if len(self.information) < MAX_VALUE:
            whole = f"{self.information}\n{text}" if self.information else text
            self.information = whole[:MAX_VALUE]


@dataclass
class Message:
    """The fields of one statement; each page of a long one counts as a statement."""

    single: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    is_closed: bool = False

    @property
    def head(self) -> dict[str, str]:
        """The fields that identify the account of the message."""
        return {tag: self.single[tag] for tag in _ACCOUNT if tag in self.single}


def messages(text: str, most: int) -> Iterator[Message]:
    """Yield every message that is not empty.

    Some banks name the account once and then list its days with their balances only, so a message
    without an account continues that of the one before. A message stores at most one entry more
    than `most`: enough to detect that there are too many.
    """
    message = Message()
    last = ""
    for each in fields(text):
        if _begins_another(message, each.tag):
            yield message
            message = Message(message.head if each.tag in _BODY else {})
        _add(message, each, last, most)
        last = each.tag
    if message.single or message.entries:
        yield message


def fields(text: str) -> Iterator[Field]:
    """Yield every field; text outside of fields, such as a bank's preamble, is skipped."""
    text = _ENVELOPE.sub("\n", _BROKEN_TAG.sub(":", text.replace("\r\n", "\n")))
    line, counted_to = 1, 0
    # The end of a message is not a field, but it ends one.
    for mark, after in pairwise(chain(_MARK.finditer(text), [None])):
        if mark and mark["tag"]:
            line += text.count("\n", counted_to, mark.start("tag"))
            counted_to = mark.start("tag")
            end = min(after.start() if after else len(text), mark.end() + MAX_VALUE)
            yield Field(mark["tag"], text[mark.end() : end].rstrip("\n"), line)


def _begins_another(message: Message, tag: str) -> bool:
    """Return whether this field must belong to the next message."""
    if not message.single and not message.entries:
        return False
    return tag == "20" or (message.is_closed and tag in _ACCOUNT + _BODY)


def _add(message: Message, each: Field, last: str, most: int) -> None:
    if each.tag == "61":
        if len(message.entries) <= most:
            message.entries.append(Entry(each.line, each.text))
    elif each.tag == "86":
        if last in ("61", "86") and message.entries:
            message.entries[-1].add_information(each.text)
    else:
        message.single.setdefault(each.tag, each.text.strip())
        message.is_closed = message.is_closed or each.tag.startswith("62")
