"""Which column is what where no word says it: by what stands in them alone."""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from adapters.statements.csv.cells import written
from adapters.statements.csv.columns import Columns, is_symbol
from adapters.statements.csv.days import is_date
from adapters.statements.csv.directions import is_direction
from adapters.statements.csv.table import Table
from adapters.statements.csv.words import KNOWN
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn
from domain.shared.result import Failure, Result, Success

_DECIMALS = re.compile(r"[.,]\d{1,3}\D*$", re.ASCII)
_WORDLESS = {CsvColumn.DIRECTION: is_direction, CsvColumn.CURRENCY: is_symbol}
_UNCLEAR = "It is not clear which column of the file holds the {name}: say it by a profile."


def completed(table: Table, columns: Columns) -> Result[Columns, HintNeeded]:
    """Add the columns that no word names, if only one can be meant."""
    if CsvColumn.BOOKING_DATE not in columns:
        dates = list(_free(table, columns, is_date))
        if len(dates) != 1:
            return Failure(HintNeeded(_UNCLEAR.format(name="booking date")))
        columns[CsvColumn.BOOKING_DATE] = dates[0]
    if CsvColumn.AMOUNT not in columns and CsvColumn.DEBIT not in columns:
        free = _free(table, columns, lambda value: not is_date(value))
        amounts = [at for at in free if table.holds_money(at)]
        exact = [at for at in amounts if any(map(_DECIMALS.search, table.values(at)))]
        if len(exact or amounts) != 1:
            return Failure(HintNeeded(_UNCLEAR.format(name="amount")))
        columns[CsvColumn.AMOUNT] = (exact or amounts)[0]
    return Success(_with_words(table, columns))


def _with_words(table: Table, columns: Columns) -> Columns:
    """Add what can be told without any header; a text, if none is named."""
    if not table.header:
        for role, form in _WORDLESS.items():
            for at in islice(_free(table, columns, form), 1):
                columns[role] = at
    if not columns.keys() & {CsvColumn.DESCRIPTION, CsvColumn.MEMO}:
        texts = list(_free(table, columns, _is_text))
        roles = (CsvColumn.DESCRIPTION, *([] if table.header else [CsvColumn.MEMO]))
        columns |= dict(zip(roles, texts, strict=False))
    return columns


def _free(table: Table, columns: Columns, form: Callable[[str], bool]) -> Iterator[int]:
    """Yield the columns of a form that nothing is known of."""
    for at in range(table.width):
        known = at < len(table.names) and table.names[at] in KNOWN
        if at not in columns.values() and not known and table.holds(at, form):
            yield at


def _is_text(value: str) -> bool:
    return any(map(str.isalpha, value)) and not written(value) and not is_date(value)
