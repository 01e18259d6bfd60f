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
_ENVELOPE = re.compile(r"^[ \t]{0,80}(?:\{[^\n]*)?\{4:[ \t]*\n?", re.MULTILINE)
# Some programs store the end of a line as two of these.
_AT_SIGNS = re.compile(r"@@\s*:(?:20|25P?|28C?|6[0-5][FM]?|86):", re.ASCII)
_ACCOUNT = ("25", "25P")
# After the end of a message, these begin another one of the same account.
_BODY = ("60F", "60M", "61")
# The fields before the statement lines.
_HEAD = {"13", "13D", "20", "21", "25", "25P", "28", "28C", "34F", "60F", "60M"}
# Those whose tags may also be minutes, where a time is broken within :86:.
_LIKE_MINUTES = {"13", "20", "21", "25", "28"}
_CLOSING = {"62F", "62M"}
_AFTER_CLOSING = {"64", "65"}
_FIELDS = _HEAD | _CLOSING | _AFTER_CLOSING | {"61", "86", "90C", "90D", "NS"}
# A statement line begins with its value date.
_ENTRY = re.compile(r"\s*\d{6}", re.ASCII)


class Field(NamedTuple):
    """A field: its tag without colons, its text, and the line on which it begins.

    It is doubtful if it looks like a statement line, and like a part of the :86: before it, which
    has it too.
    """

    tag: str
    text: str
    line: int
    is_doubtful: bool = False


@dataclass
class Entry:
    """A statement line (:61:), and the information to the account owner (:86:) that follows it."""

    line: int
    text: str
    is_doubtful: bool = False
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
    #: The last entry that is not doubtful.
    last_entry: Entry | None = None
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
        if not each.is_doubtful and _begins_another(message, each.tag):
            yield message
            message = Message(message.head if each.tag in _BODY else {})
        _add(message, each, last, most)
        last = last if each.is_doubtful else each.tag
    if message.single or message.entries:
        yield message


def with_lines(text: str) -> str:
    """Return a text with a line break wherever a line ends."""
    text = text.replace("\r\n", "\n")
    return text.replace("@@", "\n") if _AT_SIGNS.search(text) else text


def fields(text: str) -> Iterator[Field]:
    """Yield every field; text outside of fields, such as a bank's preamble, is skipped.

    Banks break the text of :86: anywhere, so a line of it may look like a field.
    """
    text = _ENVELOPE.sub("\n", _BROKEN_TAG.sub(":", with_lines(text)))
    line, counted_to = 1, 0
    begun: re.Match[str] | None = None
    begun_on = 1
    doubtful: list[Field] = []
    for mark, after, is_doubtful in _marks(text):
        start = mark.start("tag" if mark["tag"] else 0) if mark else len(text)
        line += text.count("\n", counted_to, start)
        counted_to = start
        if mark and is_doubtful:
            doubtful.append(Field("61", _between(text, mark, after), line, is_doubtful=True))
            continue
        # The end of a message is not a field, but it ends one.
        if begun and begun["tag"]:
            yield Field(begun["tag"], _between(text, begun, mark), begun_on)
        yield from doubtful
        begun, begun_on, doubtful = mark, line, []


def _marks(text: str) -> Iterator[tuple[re.Match[str] | None, re.Match[str] | None, bool]]:
    """Yield every mark but those within a text, with the next one, and whether it is doubtful."""
    in_information, is_closed = False, False
    for mark, after in pairwise(chain(_MARK.finditer(text), [None])):
        assert mark
        tag = mark["tag"]
        if in_information and _is_text(tag, after and after["tag"], is_closed=is_closed):
            continue
        is_doubtful = in_information and tag == "61" and not _ENTRY.match(text, mark.end())
        yield mark, after, is_doubtful
        if not is_doubtful:
            in_information = tag == "86"
            is_closed = tag in _CLOSING or (is_closed and tag not in ("20", *_BODY))
    yield None, None, False


def _is_text(tag: str | None, after: str | None, *, is_closed: bool) -> bool:
    """Return whether what looks like a field, or like the end of a message, is text of :86:."""
    if tag is None:
        return not is_closed and (after == "61" or after == "86" or after in _CLOSING)
    if tag in _LIKE_MINUTES:
        return after not in _HEAD and not (is_closed and after == "61")
    return tag not in _FIELDS or (tag in _AFTER_CLOSING and not is_closed)


def _between(text: str, mark: re.Match[str], after: re.Match[str] | None) -> str:
    end = min(after.start() if after else len(text), mark.end() + MAX_VALUE)
    return text[mark.end() : end].rstrip("\n")


def _begins_another(message: Message, tag: str) -> bool:
    """Return whether this field must belong to the next message."""
    if not message.single and not message.entries:
        return False
    return tag == "20" or (message.is_closed and tag in _ACCOUNT + _BODY)


def _add(message: Message, each: Field, last: str, most: int) -> None:
    if each.tag == "61":
        if len(message.entries) <= most:
            entry = Entry(each.line, each.text, each.is_doubtful)
            message.entries.append(entry)
            message.last_entry = message.last_entry if each.is_doubtful else entry
    elif each.tag == "86":
        if last in ("61", "86") and message.last_entry:
            message.last_entry.add_information(each.text)
    else:
        message.single.setdefault(each.tag, each.text.strip())
        message.is_closed = message.is_closed or each.tag.startswith("62")
