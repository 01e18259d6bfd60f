"""What a row moves: its amount, and which way it goes."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.cells import amount_of, written
from adapters.statements.csv.signs import Signs, lacks_signs
from adapters.statements.csv.table import Table
from adapters.statements.csv.words import CREDITS, DEBITS, plain
from domain.ledger.hints import CsvColumn, CsvProfile


class Sum(NamedTuple):
    """An amount with its sign, and the currency written beside it."""

    amount: Decimal
    currency: str


class Sums:
    """Reads the amounts of one file, by what all of them show of signs.

    Of a row's cells the last is empty: it stands for columns that the file does not have.
    """

    def __init__(self, table: Table, profile: CsvProfile, signs: Signs) -> None:
        places = {role: profile.columns.get(role, -1) for role in CsvColumn}
        self._amount, self._direction = places[CsvColumn.AMOUNT], places[CsvColumn.DIRECTION]
        self._debit, self._credit = places[CsvColumn.DEBIT], places[CsvColumn.CREDIT]
        self._mark = DecimalMark(profile.decimal_mark)
        self._charges_positive = profile.charges_positive
        self._signs = signs
        self._needs_signs = profile.balance_signs and lacks_signs(table, profile.columns)
        self._signed = any(map(_is_negative, _shapes(table, self._amount)))
        debits = [shape for shape in _shapes(table, self._debit) if "1" in shape]
        self._negative_debits = bool(debits) and all(map(_is_negative, debits))

    def of(self, line: int, cells: Sequence[str]) -> Sum | str:
        """Return what a row moves, or the reason why that cannot be told."""
        if self._amount < 0:
            return self._of_pair(cells[self._debit], cells[self._credit])
        found = self._read(cells[self._amount])
        if isinstance(found, str):
            return found
        if self._direction >= 0:
            return self._directed(found, cells[self._direction])
        if line in self._signs:
            return Sum(found.amount * self._signs[line], found.currency)
        if self._needs_signs and found.amount:
            return "neither a sign nor a balance before it tells which way the amount goes"
        return Sum(-found.amount, found.currency) if self._charges_positive else found

    def _read(self, cell: str) -> Sum | str:
        if not cell:
            return "no amount"
        found = amount_of(cell, self._mark)
        return found if isinstance(found, str) else Sum(*found)

    def _directed(self, found: Sum, cell: str) -> Sum | str:
        """Give an amount its direction, which may not contradict a sign that it has."""
        word = cell if cell in ("+", "-") else plain(cell)
        if word not in DEBITS and word not in CREDITS:
            return "the direction is neither debit nor credit"
        directed = -abs(found.amount) if word in DEBITS else abs(found.amount)
        if self._signed and directed != found.amount:
            return "the amount's sign contradicts its direction"
        return Sum(directed, found.currency)

    def _of_pair(self, debit: str, credit: str) -> Sum | str:
        """Return the one of debit and credit that is there and not nothing."""
        taken = self._read(debit) if debit else None
        given = self._read(credit) if credit or not debit else None
        if isinstance(taken, Sum):
            taken = self._debited(taken)
        for each in (taken, given):
            if isinstance(each, str):
                return each
        sums = [each for each in (taken, given) if isinstance(each, Sum)]
        moved = [each for each in sums if each.amount]
        return "the row has both a debit and a credit" if len(moved) > 1 else (moved or sums)[0]

    def _debited(self, found: Sum) -> Sum | str:
        """Turn a debit's sign, unless all debits of the file have one."""
        if self._negative_debits:
            return found
        if found.amount < 0:
            return "the debit is negative, and others are not"
        return Sum(-found.amount, found.currency)


def _shapes(table: Table, column: int) -> Iterable[str]:
    return table.shapes(column) if column >= 0 else ()


def _is_negative(shape: str) -> bool:
    found = written(shape)
    return found is not None and found.digits.startswith("-")
