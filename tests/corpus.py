"""Reads a collection of real statement files, and reports what happened to every row.

`MANIFEST.csv` beside them has a line for each: `file`, `format`, and `transactions`, how many rows
it should have. `make corpus` prints the table; CORPUS says where the collection is.
"""

import csv
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import django
from django.conf import settings
from rich.console import Console
from rich.table import Table

from domain.ledger.errors import HintNeeded
from domain.ledger.hints import DateOrder, ReadingHints
from domain.ledger.ports import StatementReader
from domain.ledger.values import Reconciliation, StatementFile
from domain.shared.result import Failure, Result

#: Hints of a user for a file that leaves something undecided, and for a second question.
HINTS = ReadingHints(account="Household", currency="EUR")
MORE_HINTS = replace(HINTS, date_order=DateOrder.MONTH_FIRST, charges_positive=True)
READERS = {"qfx": "ofx"}


class Sample(NamedTuple):
    """A file, and what is known about it."""

    path: Path
    format: str
    rows: int

    @property
    def reader(self) -> str:
        return READERS.get(self.format, self.format)


@dataclass
class Survey:
    """What became of the files of one format."""

    files: int = 0
    whole: int = 0
    asked: int = 0
    expected: int = 0
    accepted: int = 0
    quarantined: int = 0
    positions: int = 0
    reconciliations: Counter[Reconciliation] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.whole / self.files

    def add(self, sample: Sample, reader: StatementReader) -> None:
        """Read a file and count it; it is whole when every row of it is accepted or quarantined."""
        self.files += 1
        self.expected += sample.rows
        result = self._read(sample.path.read_bytes(), reader)
        if isinstance(result, Failure):
            self.missed.append(f"{sample.path.name}: {result.error}")
            return
        file = result.value
        accepted = sum(len(statement.rows) for statement in file.statements)
        self.accepted += accepted
        self.quarantined += len(file.quarantined)
        self.positions += sum(len(statement.holdings) for statement in file.statements)
        if file.unread_holdings:
            self.missed.append(f"{sample.path.name}: {len(file.unread_holdings)} positions unread")
        self.reconciliations.update(statement.reconciliation for statement in file.statements)
        if accepted + len(file.quarantined) == sample.rows:
            self.whole += 1
        else:
            found = f"{accepted} + {len(file.quarantined)} rows of {sample.rows}"
            self.missed.append(f"{sample.path.name}: {found}")

    def _read(self, content: bytes, reader: StatementReader) -> Result[StatementFile, object]:
        result = reader.read(content, HINTS)
        if isinstance(result, Failure) and isinstance(result.error, HintNeeded):
            self.asked += 1
            return reader.read(content, MORE_HINTS)
        return result


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
    headings = ("Format", "Files", "Whole", "Asked", "Rows", "Accepted", "Quarantined", "Positions")
    shown = Table(*headings, "Reconciliation", title="Real files", title_justify="left")
    for name, one in sorted(surveys.items()):
        files = (one.files, one.whole, one.asked)
        figures = (*files, one.expected, one.accepted, one.quarantined, one.positions)
        reconciled = ", ".join(f"{n} {each}" for each, n in sorted(one.reconciliations.items()))
        shown.add_row(name, *map(str, figures), reconciled)
    return shown


def main() -> int:
    django.setup()
    from dashtam.container import container

    where, console = folder(), Console(width=120)
    if not (where / "MANIFEST.csv").exists():
        console.print("No collection of statement files: say where it is, CORPUS=…")
        return 1
    surveys = survey(where, container.ports.statement_readers)
    console.print(table(surveys))
    for name, one in sorted(surveys.items()):
        for missed in one.missed:
            console.print(f"{name}: {missed}", markup=False)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    sys.exit(main())
