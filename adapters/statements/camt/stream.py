"""From the bytes of a camt message to the leaves of its statements, in one pass and no tree."""

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from adapters.statements.limits import MAX_DEPTH, MAX_VALUE

#: Leaves of one entry that are kept, each under its path.
MAX_LEAVES = 500
STATEMENTS = {"Stmt", "Rpt", "Ntfctn"}
PARTS = {"Acct", "Bal", "Ntry"}


class Refused(Exception):
    """The message is not read further; the text says why."""


@dataclass
class Part:
    """Some leaves: path from the part, such as `RltdPties.Dbtr.Nm`, to text; attributes by `@`."""

    line: int
    leaves: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, text: str) -> None:
        """Keep a leaf; what is told several times stands in lines."""
        before = self.leaves.get(path)
        if before is None and len(self.leaves) >= MAX_LEAVES:
            return
        whole = text if before is None else f"{before}\n{text}"
        self.leaves[path] = whole[: MAX_VALUE + 1]


@dataclass
class Draft:
    """A statement as its parts."""

    own: Part
    account: Part
    balances: list[Part] = field(default_factory=list)
    entries: list[Part] = field(default_factory=list)


class Stream:
    """Reads a message; every entry is counted by `counted`, which may end it."""

    def __init__(self, counted: Callable[[], None]) -> None:
        self.drafts: list[Draft] = []
        self.is_message = False
        self._counted = counted
        self._names: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._has_children = False
        self._draft: Draft | None = None
        # Where leaves go, and how deep that is.
        self._part: Part | None = None
        self._root = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def read(self, content: bytes) -> None:
        """Read it whole; raise `Refused` where that is not possible."""
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as error:
            raise Refused(f"The XML breaks off or is broken in line {error.lineno}.") from None
        except (LookupError, ValueError):
            raise Refused("The XML is in an encoding that is not known.") from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if len(self._names) >= MAX_DEPTH:
            raise Refused(f"The XML is nested more than {MAX_DEPTH} deep.")
        self._names.append(name)
        self._text, self._length, self._has_children = [], 0, False
        self.is_message = self.is_message or name.startswith("BkToCstmr")
        if self._draft is None:
            self._begin_statement(name)
        elif self._part is self._draft.own and name in PARTS and len(self._names) == self._root + 1:
            self._begin_part(self._draft, name)
        if self._part is not None:
            for key, text in attributes.items():
                self._part.add(f"{self._path()}@{key.rpartition(':')[2]}", text)

    def _begin_statement(self, name: str) -> None:
        inside = len(self._names) > 1 and self._names[-2].startswith("BkToCstmr")
        if name not in STATEMENTS or not inside:
            return
        line = self._parser.CurrentLineNumber
        self._draft = Draft(Part(line), Part(line))
        self.drafts.append(self._draft)
        self._part, self._root = self._draft.own, len(self._names)

    def _begin_part(self, draft: Draft, name: str) -> None:
        part = Part(self._parser.CurrentLineNumber)
        if name == "Acct":
            draft.account = part
        elif name == "Bal":
            draft.balances.append(part)
        else:
            self._counted()
            draft.entries.append(part)
        self._part, self._root = part, len(self._names)

    def _characters(self, text: str) -> None:
        if self._part is not None and self._length <= MAX_VALUE:
            self._text.append(text)
            self._length += len(text)

    def _end(self, name: str) -> None:
        if self._part is not None:
            text = "" if self._has_children else "".join(self._text).strip()
            if text and len(self._names) > self._root:
                self._part.add(self._path(), text)
            if len(self._names) == self._root:
                self._leave()
        self._names.pop()
        self._text, self._has_children = [], True

    def _leave(self) -> None:
        draft = self._draft
        if draft is None or self._part is draft.own:
            self._draft, self._part = None, None
            return
        self._part, self._root = draft.own, self._root - 1

    def _path(self) -> str:
        return ".".join(self._names[self._root :])


def _refuse_doctype(*declaration: object) -> None:
    raise Refused("The file declares a DOCTYPE or entities: refused.")
