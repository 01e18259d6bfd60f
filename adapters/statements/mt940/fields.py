"""From the text of an MT940 file to its fields, message by message."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import NamedTuple

from adapters.statements.limits import MAX_VALUE

# A tag, or the end of a message: a hyphen, behind which other blocks of its envelope may follow.
_MARK = re.compile(
    r"^[ \t]{0,80}(?::(?P<tag>\d{2}[A-Z]?|NS):|-(?:\}[^\n]*)?[ \t]{0,80}$)", re.MULTILINE | re.ASCII
)
# Where a bank breaks lines at a fixed length, it may do so within a tag.
_BROKEN_TAG = re.compile(r"^:[ \t]*\n(?=\d{2}[A-Z]?:)", re.MULTILINE | re.ASCII)
_ENVELOPE = re.compile(r"^\{[^\n]*\{4:[ \t]*\n?", re.MULTILINE)
_ACCOUNT = ("25", "25P")
# With these a message that has ended is followed by another one of its account.
_BODY = ("60F", "60M", "61")


class Field(NamedTuple):
    """A field: its tag without colons, its lines, and the line it begins on."""

    tag: str
    text: str
    line: int


@dataclass
class Entry:
    """A statement line (:61:), and the information to the account owner (:86:) that follows it."""

    line: int
    text: str
    information: str = ""

    def tell(self, text: str) -> None:
        """Add information, as much as a value may hold."""
        if len(self.information) < MAX_VALUE:
            whole = f"{self.information}\n{text}" if self.information else text
            self.information = whole[:MAX_VALUE]


@dataclass
class Message:
    """The fields of one statement; a page of a longer one is a statement of its own."""

    single: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    is_closed: bool = False

    @property
    def head(self) -> dict[str, str]:
        """How the message names its account."""
        return {tag: self.single[tag] for tag in _ACCOUNT if tag in self.single}


def messages(text: str, most: int) -> Iterator[Message]:
    """Yield every message that holds anything; what has no head of its own goes on with the last.

    Of more than `most` entries only one is kept: enough to know that there are too many.

    Some name the account once, and then give its days with nothing but their balances.
    """
    message = Message()
    last = ""
    for each in fields(text):
        if _begins_another(message, each.tag):
            yield message
            message = Message(message.head if each.tag in _BODY else {})
        _take(message, each, last, most)
        last = each.tag
    if message.single or message.entries:
        yield message


def fields(text: str) -> Iterator[Field]:
    """Yield every field; what stands outside of any, such as a bank's preamble, is skipped."""
    text = _ENVELOPE.sub("\n", _BROKEN_TAG.sub(":", text.replace("\r\n", "\n")))
    line, counted_to = 1, 0
    # The end of a message is no field, but it ends one.
    for mark, after in pairwise(chain(_MARK.finditer(text), [None])):
        if mark and mark["tag"]:
            line += text.count("\n", counted_to, mark.start("tag"))
            counted_to = mark.start("tag")
            end = min(after.start() if after else len(text), mark.end() + MAX_VALUE)
            yield Field(mark["tag"], text[mark.end() : end].rstrip("\n"), line)


def _begins_another(message: Message, tag: str) -> bool:
    """Tell whether this field can only be of the next message."""
    if not message.single and not message.entries:
        return False
    return tag == "20" or (message.is_closed and tag in _ACCOUNT + _BODY)


def _take(message: Message, each: Field, last: str, most: int) -> None:
    if each.tag == "61":
        if len(message.entries) <= most:
            message.entries.append(Entry(each.line, each.text))
    elif each.tag == "86":
        if last in ("61", "86") and message.entries:
            message.entries[-1].tell(each.text)
    else:
        message.single.setdefault(each.tag, each.text.strip())
        message.is_closed = message.is_closed or each.tag.startswith("62")
