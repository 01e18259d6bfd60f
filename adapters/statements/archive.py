"""Archives (ZIP) of several statements: read as one file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from adapters.statements.limits import MAX_ID, MAX_ROWS
from adapters.statements.packed import MAX_RATIO, Archive, is_packed, is_zip
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement, too_many
from domain.ledger.hints import NO_HINTS, CsvColumn, ReadingHints
from domain.ledger.other_files import refusal
from domain.ledger.ports import StatementReader
from domain.ledger.questions import ACCOUNT_ASKED, Asked, Question, column_field
from domain.ledger.values import QuarantinedRow, StatementFile
from domain.shared.errors import Unavailable
from domain.shared.result import Failure, Result, Success

#: The first bytes by which a reader recognises its format.
HEAD_BYTES = 4096
# So many files are named in a sentence, by so many characters of each.
_NAMED, _NAME_LENGTH = 5, 60
_FIELDS = frozenset(map(str, Asked)) | frozenset(map(column_field, CsvColumn))
# An amount may be answered by a debit and a credit, and the other way round.
_MONEY = frozenset(map(column_field, (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT)))
# What one person can say about several files at once, whatever is in them.
_OF_ALL = (Asked.ACCOUNT, Asked.CURRENCY)
_FOR_ALL = "The answer counts for all of these files: where it differs, send each file by itself."
_DIFFERENT = (
    "The files {names} need different answers to one question ({field}). Send each of these files"
    " by itself."
)
ReadingError = UnreadableStatement | StatementTooLarge | Unavailable


class _Member(NamedTuple):
    """What was read of a file, and all that it asked before it was read with the answers."""

    read: Result[StatementFile, ReadingError]
    format: str = ""
    asked: Sequence[Question] = ()


class ArchiveReader:
    """`StatementReader` of archives; the files within are read by the readers of their formats.

    What is no statement, such as a document beside it, is quarantined by name.
    """

    format = "zip"

    def __init__(self, readers: Sequence[StatementReader], max_rows: int = MAX_ROWS) -> None:
        self._readers = readers
        self._max_rows = max_rows

    def recognises(self, head: bytes) -> bool:
        return is_zip(head)

    def read(
        self, content: bytes, hints: ReadingHints = NO_HINTS
    ) -> Result[StatementFile, ReadingError]:
        opened = Archive.open(content, len(content) * MAX_RATIO)
        if isinstance(opened, Failure):
            return opened
        whole = _Whole(self._max_rows)
        for member in opened.value.files:
            refused = whole.add(member.filename, self._read(opened.value.read(member), hints))
            if refused:
                return Failure(refused)
        return whole.file()

    def _read(
        self, unpacked: Result[bytes, UnreadableStatement], hints: ReadingHints
    ) -> _Member | str:
        """Read a file of the archive, or return what it is if it is no statement."""
        if isinstance(unpacked, Failure):
            return _Member(unpacked)
        content, head = unpacked.value, unpacked.value[:HEAD_BYTES]
        if is_packed(content):
            detail = "The file is an archive itself: unpack it first."
            return _Member(Failure(UnreadableStatement(detail)))
        what = refusal(head)
        reader = next((each for each in self._readers if each.recognises(head)), None)
        if what or reader is None:
            return what or "The file is of no format that can be read."
        return _read_answered(reader, content, hints)


def _read_answered(reader: StatementReader, content: bytes, hints: ReadingHints) -> _Member:
    """Read a file with the answers that it asks for: others say nothing about it."""
    asked: list[Question] = []
    answered: set[str] = set()
    while True:
        own = hints.without(_FIELDS - answered)
        read = reader.read(content, own)
        questions = _open(read, own)
        asked += questions
        fields = {each.field for each in questions}
        fields |= _MONEY if fields & _MONEY else set()
        fields -= answered
        if hints.without(_FIELDS - answered - fields) == own:
            return _Member(
                Failure(HintNeeded.ask(*questions)) if questions else read, reader.format, asked
            )
        answered |= fields


def _open(read: Result[StatementFile, ReadingError], hints: ReadingHints) -> Sequence[Question]:
    """Return what a file leaves open: the account too, which the import asks alone otherwise."""
    if isinstance(read, Failure):
        return read.error.questions if isinstance(read.error, HintNeeded) else ()
    unnamed = any(not each.account.number for each in read.value.statements)
    return [ACCOUNT_ASKED] if unnamed and not hints.account else ()


class _Questions:
    """What the files of an archive ask, by the field that answers it."""

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, tuple[str, Question]]] = {}
        self._open: dict[str, Question] = {}

    def add(self, name: str, member: _Member) -> None:
        for each in member.asked:
            self._asked.setdefault(each.field, {}).setdefault(name, (member.format, each))
        if isinstance(member.read, Failure) and isinstance(member.read.error, HintNeeded):
            self._open = {each.field: each for each in member.read.error.questions} | self._open

    def failure(self) -> Failure[UnreadableStatement] | None:
        """Ask what is open, about all the files that ask it, unless they need different answers."""
        for field_, by_name in self._asked.items():
            if field_ not in _OF_ALL and len(set(map(_meaning, by_name.values()))) > 1:
                detail = _DIFFERENT.format(names=_listed(by_name), field=field_)
                return Failure(UnreadableStatement(detail))
        asked = [self._named(question) for question in self._open.values()]
        return Failure(HintNeeded.ask(*asked)) if asked else None

    def _named(self, question: Question) -> Question:
        names = self._asked[question.field]
        shared = f" {_FOR_ALL}" if len(names) > 1 else ""
        return replace(question, reason=f"{_listed(names)}: {question.reason}{shared}")


@dataclass
class _Whole:
    """What was read of an archive so far."""

    max_rows: int
    rows: int = 0
    files: list[tuple[str, StatementFile]] = field(default_factory=list)
    others: list[QuarantinedRow] = field(default_factory=list)
    asked: _Questions = field(default_factory=_Questions)

    def add(self, name: str, member: _Member | str) -> ReadingError | None:
        """Add what was read of a file; return why the whole archive is refused, if it is."""
        shown = name[:MAX_ID]
        if isinstance(member, str):
            self.others.append(QuarantinedRow(1, f"“{shown}”: {member}"))
            return None
        read = member.read
        self.asked.add(shown, member)
        if isinstance(read, Success):
            self.files.append((shown, read.value))
            self.rows += len(read.value.quarantined)
            self.rows += sum(len(each.rows) for each in read.value.statements)
        elif not isinstance(read.error, HintNeeded):
            return replace(read.error, detail=f"“{shown}”: {read.error.detail}")
        return too_many(self.max_rows).error if self.rows > self.max_rows else None

    def file(self) -> Result[StatementFile, ReadingError]:
        refused = self.asked.failure()
        if refused:
            return refused
        if not self.files:
            return Failure(UnreadableStatement(self.others[0].reason))
        files = [file for _, file in self.files]
        profiles = [file.csv_profile for file in files]
        return Success(
            StatementFile(
                format=ArchiveReader.format,
                statements=[each for file in files for each in file.statements],
                quarantined=[*self._named("quarantined"), *self.others],
                unread_holdings=self._named("unread_holdings"),
                csv_profile=profiles[0] if profiles.count(profiles[0]) == len(profiles) else None,
            )
        )

    def _named(self, attribute: str) -> list[QuarantinedRow]:
        return [
            QuarantinedRow(row.line, f"{name}: {row.reason}")
            for name, file in self.files
            for row in getattr(file, attribute)
        ]


def _meaning(asked: tuple[str, Question]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return what an answer depends on: the format, the columns, and the possible answers."""
    format_, question = asked
    return format_, tuple(question.columns), tuple(question.options)


def _listed(names: Iterable[str]) -> str:
    every = [f"“{name[:_NAME_LENGTH]}”" for name in names]
    more = [f"{len(every) - _NAMED} more"] if len(every) > _NAMED else []
    return ", ".join([*every[:_NAMED], *more])
