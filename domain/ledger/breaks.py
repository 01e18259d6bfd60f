"""Statements as they were imported, and where they do not follow one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.ledger.imports import StatementOutcome
from domain.shared.ids import ImportId
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class ImportedStatement:
    """A statement, and the import that tells it."""

    import_id: ImportId
    outcome: StatementOutcome

    @property
    def day(self) -> date:
        """The day that it is listed under: its last one that is known."""
        told, closing, opening = self.outcome, self.outcome.closing, self.outcome.opening
        days = (closing and closing.day, told.last_day, opening and opening.day, told.first_day)
        return next((day for day in days if day), date.min)


class BreakKind(StrEnum):
    """How two statements fail to follow one another: days between are missing, or told twice."""

    GAP = "gap"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Two statements of which the second does not begin where the first ends.

    Of a gap: the days that are missing, by what the balances differ, and the numbers of statements
    that were skipped. Of an overlap: the days that both cover.
    """

    kind: BreakKind
    before: ImportedStatement
    after: ImportedStatement
    first_day: date
    last_day: date
    difference: Money | None = None
    missing: Sequence[str] = ()
