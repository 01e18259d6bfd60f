"""Reads a collection of real statement files, and reports what happened to every row.

`MANIFEST.csv` beside them has a line for each: `file`, `format`, and `transactions`, how many rows
it should have. `make corpus` prints the table; CORPUS says where the collection is.
"""

import csv
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

import django
from django.conf import settings
from rich.console import Console
from rich.table import Table

from domain.ledger.errors import HintNeeded
from domain.ledger.hints import NO_HINTS, CsvColumn, DateOrder, ReadingHints
from domain.ledger.ports import StatementReader
from domain.ledger.questions import ACCOUNT_ASKED, Asked, Question
from domain.ledger.values import Reconciliation, StatementFile
from domain.shared.errors import DomainError
from domain.shared.result import Failure, Result, Success

#: What a person answers where a question suggests nothing.
ANSWERS: dict[str, Any] = {
    Asked.ACCOUNT: "Household",
    Asked.CURRENCY: "EUR",
    Asked.DATE_ORDER: DateOrder.MONTH_FIRST,
    Asked.DECIMAL_MARK: ".",
    Asked.CHARGES_POSITIVE: True,
    Asked.FEES_INCLUDED: True,
}
#: The names of hints, where the field that answers a question has another one.
HINTS: dict[str, str] = {Asked.ACCOUNT: "account"}
#: A file may ask twice; a third time would be a defect.
MOST_ROUNDS = 3
READERS = {"qfx": "ofx"}


class Sample(NamedTuple):
    """A file, and what is known about it."""

    path: Path
    format: str
    rows: int

    @property
    def reader(self) -> str:
        return READERS.get(self.format, self.format)


class Reading(NamedTuple):
    """What became of a file, and all that was asked before, by round."""

    result: Result[StatementFile, DomainError]
    rounds: Sequence[Sequence[Question]]


@dataclass
class Survey:
    """What became of the files of one format."""

    files: int = 0
    whole: int = 0
    rounds: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    expected: int = 0
    accepted: int = 0
    quarantined: int = 0
    positions: int = 0
    reconciliations: Counter[Reconciliation] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.whole / self.files

    def add(self, sample: Sample, reader: StatementReader) -> None:
        """Read a file and count it; it is whole when every row of it is accepted or quarantined."""
        self.files += 1
        self.expected += sample.rows
        result, rounds = read(sample.path.read_bytes(), reader)
        self.rounds[len(rounds)] += 1
        self.fields.update(question.field for asked in rounds for question in asked)
        if isinstance(result, Failure):
            self.refused += 1
            self.missed.append(f"{sample.path.name}: {result.error.detail}")
            return
        file = result.value
        accepted = sum(len(statement.rows) for statement in file.statements)
        self.accepted += accepted
        lines = {row.line for statement in file.statements for row in statement.rows}
        # A row that is imported without its splits is listed, too.
        quarantined = sum(each.line not in lines for each in file.quarantined)
        self.quarantined += quarantined
        self.positions += sum(len(statement.holdings) for statement in file.statements)
        if file.unread_holdings:
            self.missed.append(f"{sample.path.name}: {len(file.unread_holdings)} positions unread")
        self.reconciliations.update(statement.reconciliation for statement in file.statements)
        if accepted + quarantined == sample.rows:
            self.whole += 1
        else:
            found = f"{accepted} + {quarantined} rows of {sample.rows}"
            self.missed.append(f"{sample.path.name}: {found}")

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, name) + getattr(other, name) for name in vars(self)))


def read(content: bytes, reader: StatementReader) -> Reading:
    """Read a file as somebody does who knows nothing of it, and answers what it asks."""
    hints, rounds = NO_HINTS, list[Sequence[Question]]()
    while True:
        result = reader.read(content, hints)
        asked = _questions(result, hints)
        if not asked or len(rounds) == MOST_ROUNDS:
            return Reading(result, rounds)
        rounds.append(asked)
        hints = hints.joined(answered(asked))


def _questions(
    result: Result[StatementFile, DomainError], hints: ReadingHints
) -> Sequence[Question]:
    """Return what is open: the account too, if the file names none."""
    if isinstance(result, Success):
        unnamed = any(not statement.account.number for statement in result.value.statements)
        return [ACCOUNT_ASKED] if unnamed and not hints.account else []
    return result.error.questions if isinstance(result.error, HintNeeded) else []


def answered(questions: Sequence[Question]) -> ReadingHints:
    """Answer as is suggested, or else in some way that is possible."""
    said: dict[str, Any] = {}
    columns: dict[CsvColumn, str] = {}
    for question in questions:
        _, _, column = question.field.partition("columns.")
        options = [*question.options, ""]
        usual = ANSWERS.get(question.field)
        # Amounts in dollars are of no other currency.
        if question.field == Asked.CURRENCY and question.options:
            usual = options[0]
        answer = question.suggestion or usual or options[0]
        if column:
            columns[CsvColumn(column)] = str(answer)
        else:
            said[HINTS.get(question.field, question.field)] = _value(question.field, answer)
    return ReadingHints(**said, columns=columns)


def _value(field: str, answer: Any) -> Any:
    if field == Asked.DATE_ORDER:
        return DateOrder(answer)
    return answer == "true" if answer in ("true", "false") else answer


def folder() -> Path:
    return Path(os.environ.get("CORPUS") or settings.ROOT.parent / "shared" / "samples")


def samples(where: Path) -> Iterator[Sample]:
    with (where / "MANIFEST.csv").open(newline="") as manifest:
        for row in csv.DictReader(manifest):
            yield Sample(where / row["file"], row["format"], int(row["transactions"]))


def survey(where: Path, readers: Sequence[StatementReader]) -> dict[str, Survey]:
    """Read every file for which there is a reader; return what became of them by format."""
    by_format = {reader.format: reader for reader in readers}
    surveys: dict[str, Survey] = {}
    for sample in samples(where):
        if sample.reader in by_format:
            one = surveys.setdefault(sample.format, Survey())
            one.add(sample, by_format[sample.reader])
    return surveys


def table(surveys: dict[str, Survey]) -> Table:
    headings = ("Format", "Files", "Whole", "Asked once", "Twice", "More", "Refused", "Rows")
    more = ("Accepted", "Quarantined", "Positions", "Balanced", "Unbalanced", "Unknown")
    shown = Table(*headings, *more, title="Real files", title_justify="left")
    total = sum(surveys.values(), Survey())
    for name, one in [*sorted(surveys.items()), ("all", total)]:
        asked = (one.rounds[1], one.rounds[2], one.rounds[3])
        rows = (one.expected, one.accepted, one.quarantined, one.positions)
        by_balance = (
            one.reconciliations[each]
            for each in (Reconciliation.BALANCED, Reconciliation.UNBALANCED, Reconciliation.UNKNOWN)
        )
        figures = (one.files, one.whole, *asked, one.refused, *rows, *by_balance)
        shown.add_row(name, *map(str, figures), end_section=name == max(surveys, default=""))
    return shown


def main() -> int:
    django.setup()
    from dashtam.container import container

    where, console = folder(), Console(width=160)
    if not (where / "MANIFEST.csv").exists():
        console.print("No collection of statement files: say where it is, CORPUS=…")
        return 1
    surveys = survey(where, container.ports.statement_readers)
    console.print(table(surveys))
    asked = sum((one.fields for one in surveys.values()), Counter[str]())
    console.print("asked:", ", ".join(f"{each} {n}" for each, n in asked.most_common()))
    for name, one in sorted(surveys.items()):
        for missed in one.missed:
            console.print(f"{name}: {missed}", markup=False)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    sys.exit(main())
