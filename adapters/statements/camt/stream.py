"""Parses a camt message into the leaves of its statements, in one pass and without a tree."""

from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from adapters.statements.limits import MAX_BALANCES, MAX_DEPTH, MAX_VALUE

#: Leaves of one entry that are stored, each under its path.
MAX_LEAVES = 500
#: Characters of a path.
MAX_PATH = 255
#: The last line of a value that was cut off.
MORE = "\n…"
_CACHED = 4096
_NO_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
# What bytes in another encoding than the stated one lead to.
_OF_ENCODING = {
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_INVALID_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNKNOWN_ENCODING,
        expat.errors.XML_ERROR_INCORRECT_ENCODING,
    )
}
STATEMENTS = {"Stmt", "Rpt", "Ntfctn"}
HEADER = "GrpHdr"
PARTS = {"Acct", "Bal", "Ntry"}


class Refused(Exception):
    """The message cannot be read; the text says why."""


class OtherEncoding(Refused):
    """The message may be in another encoding than the one that it states."""


class TooMany(Exception):
    """The message exceeds a limit."""

    def __init__(self, most: int, things: str) -> None:
        super().__init__(things)
        self.most, self.things = most, things


@dataclass
class Part:
    """Leaves by their path within the part, such as `RltdPties.Dbtr.Nm`; attributes follow `@`.

    When a batch repeats a leaf more often than a value can contain, its last line is `MORE`.
    `transactions` is how many transactions the details of an entry are of.
    """

    line: int
    leaves: dict[str, str] = field(default_factory=dict)
    transactions: int = 0

    def add(self, path: str, text: str) -> None:
        """Store a leaf; a repeated one is appended on a new line while there is room."""
        before = self.leaves.get(path)
        if before is None:
            if len(self.leaves) < MAX_LEAVES and len(path) <= MAX_PATH:
                self.leaves[path] = text[: MAX_VALUE + 1]
        elif len(before) + len(text) < MAX_VALUE - len(MORE):
            self.leaves[path] = f"{before}\n{text}"
        elif not before.endswith(MORE) and len(before) <= MAX_VALUE - len(MORE):
            self.leaves[path] = before + MORE


@dataclass
class Draft:
    """The parts of a statement; `element` is its tag, which tells the type of the report.

    `header` is that of the message. A statement that is joined has several pages.
    """

    own: Part
    account: Part
    header: Part
    element: str = ""
    is_joined: bool = False
    balances: list[Part] = field(default_factory=list)
    entries: list[Part] = field(default_factory=list)


class Stream:
    """Parses a message of at most `max_rows` rows."""

    def __init__(self, max_rows: int, encoding: str | None = None) -> None:
        self.drafts: list[Draft] = []
        self.is_message = False
        self._max_rows = max_rows
        self._rows, self._statements = 0, 0
        # Entries repeat the same few paths, so the strings are shared.
        self._below = lru_cache(_CACHED)(_below)
        self._attribute = lru_cache(_CACHED)(_attribute)
        self._names: list[str] = []
        # The path within the part of each open element.
        self._paths = [""]
        self._text: list[str] = []
        self._length = 0
        self._has_children = False
        self._draft: Draft | None = None
        self._header = Part(0)
        # The part that collects leaves, and its depth.
        self._part: Part | None = None
        self._root = 0
        self._parser = expat.ParserCreate(encoding)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def read(self, content: bytes) -> None:
        """Parse the whole message; raise `Refused` or `TooMany` if that is not possible."""
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as error:
            if error.code == _NO_MEMORY:
                raise MemoryError from None
            refusal = OtherEncoding if error.code in _OF_ENCODING else Refused
            raise refusal(f"The XML is truncated or invalid in line {error.lineno}.") from None
        except (LookupError, ValueError):
            raise OtherEncoding("The encoding of the XML is unknown.") from None
        finally:
            # The parser refers back to this object: without the cycle, memory is freed at once.
            del self._parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if len(self._names) >= MAX_DEPTH:
            raise Refused(f"The XML is nested more than {MAX_DEPTH} levels deep.")
        self._names.append(name)
        self._paths.append(self._below(self._paths[-1], name))
        self._text, self._length, self._has_children = [], 0, False
        self.is_message = self.is_message or name.startswith("BkToCstmr")
        if self._draft is None:
            self._begin_statement(name)
        elif self._part is self._draft.own and name in PARTS and len(self._names) == self._root + 1:
            self._begin_part(self._draft, name)
        if self._part is not None:
            self._part.transactions += name == "TxDtls"
            for key, text in attributes.items():
                self._part.add(self._attribute(self._paths[-1], key), text)

    def _begin_statement(self, name: str) -> None:
        inside = len(self._names) > 1 and self._names[-2].startswith("BkToCstmr")
        line = self._parser.CurrentLineNumber
        if name == HEADER and inside:
            self._header = Part(line)
            self._begin(self._header)
        if name not in STATEMENTS or not inside:
            return
        self._count_statement()
        self._draft = Draft(Part(line), Part(line), self._header, name)
        self.drafts.append(self._draft)
        self._begin(self._draft.own)

    def _begin_part(self, draft: Draft, name: str) -> None:
        part = Part(self._parser.CurrentLineNumber)
        if name == "Acct":
            draft.account = part
        elif name == "Bal":
            self._count_statement()
            draft.balances.append(part)
        else:
            self._rows += 1
            if self._rows > self._max_rows:
                raise TooMany(self._max_rows, "rows")
            draft.entries.append(part)
        self._begin(part)

    def _begin(self, part: Part) -> None:
        self._part, self._root = part, len(self._names)
        self._paths[-1] = ""

    def _count_statement(self) -> None:
        self._statements += 1
        if self._statements > MAX_BALANCES:
            raise TooMany(MAX_BALANCES, "statements and balances")

    def _characters(self, text: str) -> None:
        if self._part is not None and self._length <= MAX_VALUE:
            self._text.append(text)
            self._length += len(text)

    def _end(self, name: str) -> None:
        if self._part is not None:
            text = "" if self._has_children else "".join(self._text).strip()
            if text and len(self._names) > self._root:
                self._part.add(self._paths[-1], text)
            if len(self._names) == self._root:
                self._leave()
        self._names.pop()
        self._paths.pop()
        self._text, self._has_children = [], True

    def _leave(self) -> None:
        draft = self._draft
        if draft is None or self._part is draft.own:
            self._draft, self._part = None, None
            return
        self._part, self._root = draft.own, self._root - 1


def _below(path: str, name: str) -> str:
    whole = f"{path}.{name}" if path else name
    return whole[: MAX_PATH + 1]


def _attribute(path: str, key: str) -> str:
    return f"{path}@{key.rpartition(':')[2]}"[: MAX_PATH + 1]


def _refuse_doctype(*declaration: object) -> None:
    raise Refused("The file declares a DOCTYPE or entities, which are not accepted.")
