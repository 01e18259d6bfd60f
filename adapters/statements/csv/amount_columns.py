"""Columns of amounts: which are such, their signs and decimal mark, and balances beside them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark, is_ambiguous, shown_marks
from adapters.statements.csv.amounts import parse_token, read_number
from adapters.statements.csv.records import Record, Table, cell_of
from adapters.statements.questions import shown
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn, ReadingHints
from domain.ledger.questions import Asked, Question
from domain.shared.result import Failure, Result, Success

Columns = Mapping[CsvColumn, int]

_MONEY_COLUMNS = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT)
# A balance runs through the rows that share these.
_GROUP_COLUMNS = (CsvColumn.ACCOUNT, CsvColumn.CURRENCY)
_AMOUNT_COLUMNS = (
    *(CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT),
    *(CsvColumn.FEE, CsvColumn.BALANCE),
)
_AMBIGUOUS_MARK = "The amounts of the file can be read in two ways: say what begins their decimals."


class SignTally(NamedTuple):
    """How many amounts of a column have a plus, a minus or no sign, those of zero left out."""

    plus: int = 0
    minus: int = 0
    bare: int = 0
    directed: int = 0

    @property
    def is_unsigned(self) -> bool:
        return self.bare > 0 and not self.plus and not self.minus

    @property
    def marks_credits(self) -> bool:
        """Whether a plus or CR marks the credits, and nothing the charges."""
        return self.plus > 0 and not self.minus


def tally_signs(table: Table, column: int) -> SignTally:
    found, directed = Counter[str](), 0
    for shape, count in table.shapes(column).items() if column >= 0 else ():
        token = parse_token(shape)
        if token and not token.is_zero:
            found[token.sign] += count
            directed += count * token.directed
    return SignTally(found["+"], found["-"], found[""], directed)


def decimal_mark(table: Table, columns: Columns, hints: ReadingHints) -> Result[str, HintNeeded]:
    """Return the decimal mark that the amounts show.

    Without an amount that shows it, or with amounts that contradict each other, ask for a hint
    only if an amount can be read in two ways.
    """
    held = [columns[role] for role in _AMOUNT_COLUMNS if role in columns]
    values = chain.from_iterable(table.shapes(at) for at in held)
    digits = {token.digits for value in values if (token := parse_token(value))}
    shown = shown_marks(digits)
    if len(shown) == 1:
        return Success(shown.pop().value)
    if hints.decimal_mark in (".", ","):
        return Success(hints.decimal_mark)
    if not any(map(is_ambiguous, digits)):
        return Success(".")
    written = chain.from_iterable(table.values(at) for at in held)
    examples = [
        each for each in written if (token := parse_token(each)) and is_ambiguous(token.digits)
    ]
    return Failure(HintNeeded.ask(_mark_asked(examples)))


def _mark_asked(examples: Sequence[str]) -> Question:
    return Question(
        field=Asked.DECIMAL_MARK,
        reason=_AMBIGUOUS_MARK,
        options=[".", ","],
        examples=shown(examples),
    )


# --- Balances beside amounts ----------------------------------------------------------------------


class BalancePoint(NamedTuple):
    """A row that states a balance; its amount may be missing, and its fee comes on top of it."""

    line: int
    dated: str
    amount: Decimal | None
    balance: Decimal
    fee: Decimal = Decimal(0)


def points_of(table: Table, columns: Columns, mark: str) -> Iterable[Sequence[BalancePoint]]:
    """Return the rows that state a balance, by the account and currency that they name."""
    runs: dict[tuple[str, ...], list[BalancePoint]] = {}
    group_by = [columns[role] for role in _GROUP_COLUMNS if role in columns]
    money = [columns[role] for role in _MONEY_COLUMNS if role in columns]
    for record in table.rows:
        point = _point(record, columns, money, DecimalMark(mark))
        if point:
            group = tuple(cell_of(record, at) for at in group_by)
            runs.setdefault(group, []).append(point)
    return runs.values()


def _point(
    record: Record, columns: Columns, money: Sequence[int], mark: DecimalMark
) -> BalancePoint | None:
    balance = read_number(cell_of(record, columns[CsvColumn.BALANCE]), mark)
    if balance is None:
        return None
    found = (read_number(cell_of(record, at), mark) for at in money)
    amounts = [each for each in found if each is not None]
    amount = next(filter(None, amounts), amounts[0] if amounts else None)
    fee = read_number(cell_of(record, columns.get(CsvColumn.FEE, -1)), mark)
    dated = cell_of(record, columns[CsvColumn.BOOKING_DATE])
    return BalancePoint(record.line, dated, amount, balance, abs(fee or Decimal(0)))
