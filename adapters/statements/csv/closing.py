"""Last lines of a file that are no rows: a balance beside its day, or one that lacks a text."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark, parse_amount
from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.balances import BalanceRow
from adapters.statements.csv.dates import is_date
from adapters.statements.csv.records import Record, Table, cell_of
from adapters.statements.csv.words import names_balance
from domain.ledger.kinds import BalanceKind
from domain.shared.money import is_listed

# Of fewer rows, one that differs shows nothing.
_ENOUGH = 3


class ClosingLine(NamedTuple):
    """How the last line of a table is read; `dates_at` is the column of the booking dates."""

    table: Table
    mark: DecimalMark
    dates_at: int
    day_of: Callable[[str], date | None]

    def balance(self, record: Record, currency: str) -> BalanceRow | None:
        """Return the balance that the last line states beside a day, if no row is after it."""
        rows = self.table.rows
        if not rows or record is not rows[-1]:
            return None
        label, *values = [cell.strip() for cell in record.cells if cell.strip()] or [""]
        tokens = [token for cell in values if not is_date(cell) and (token := parse_token(cell))]
        days = [day for cell in values if (day := self.day_of(cell))]
        if not (names_balance(label) and len(tokens) == len(days) == 1):
            return None
        amount = parse_amount(tokens[0].digits, self.mark)
        dated = (self.day_of(cell) for cell in self.table.values(self.dates_at))
        if isinstance(amount, str) or any(day > days[0] for day in dated if day):
            return None
        code = next(filter(is_listed, values), "") or tokens[0].currency or currency
        return BalanceRow(record.line, BalanceKind.BOOKED, amount, currency=code, day=days[0])


def line_without_text(table: Table, at: int) -> int:
    """Return the last line of a file without headings if it alone has no text, or zero."""
    if table.header or at < 0 or len(table.rows) < _ENOUGH or cell_of(table.rows[-1], at):
        return 0
    return table.rows[-1].line if table.values(at).total() == len(table.rows) - 1 else 0
