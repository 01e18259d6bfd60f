"""Whose account a column after the date names: the own one, or that of the other side."""

import re
from collections import defaultdict

from adapters.statements.csv.amount_columns import Columns
from adapters.statements.csv.evidence import follows
from adapters.statements.csv.records import Record, Table
from adapters.statements.csv.words import HEADERS, OWN_BEFORE_THE_DATE, normalize
from domain.ledger.hints import CsvColumn

# Fewer rows show nothing, and nobody has more accounts in a file than this.
_ENOUGH, _MOST = 3, 20
#: The branch of an own account, which stands beside its number.
_BRANCHES = {normalize(word) for word in ("sort code", "branch code", "BLZ", "BSB")}
# So banks write an account of the customer, as “Giro 1111 ... 4444”. An IBAN has two letters.
_NAMED_AND_MASKED = re.compile(
    r"[^\W\d_]{3,40}\b.{0,60}?(?:\.{2,40}|…|\*{2,40}|•{2,40}|[xX]{2,40})\s{0,9}\d{3,40}"
)
_DESCRIPTIONS = {*HEADERS[CsvColumn.DESCRIPTION], *HEADERS[CsvColumn.MEMO]}


def holds_numbers(table: Table, at: int) -> bool:
    """Say whether every value of a column has digits, as many as a number of an account."""
    values = table.values(at)
    return bool(values) and all(sum(map(str.isdigit, value)) >= _ENOUGH for value in values)


def is_own_account(table: Table, at: int, columns: Columns) -> bool:
    """Say whether a column can only be the own account, by what stands beside it."""
    if not _is_in_every_row(table, at) or not holds_numbers(table, at):
        return False
    if all(map(_NAMED_AND_MASKED.fullmatch, table.values(at))):
        return True
    if at and table.names[at - 1] in _BRANCHES and _is_in_every_row(table, at - 1):
        return True
    if len(table.values(at)) == 1:
        return _has_different_texts(table)
    return _balances_follow(table, at, columns)


def may_be_own_account(table: Table, columns: Columns) -> list[int]:
    """Return the columns that may be the own account, where nothing else says which it is."""
    return [
        at
        for at, name in enumerate(table.names)
        if name in OWN_BEFORE_THE_DATE
        and at not in columns.values()
        and _is_in_every_row(table, at)
        and len(table.values(at)) <= _MOST
        and holds_numbers(table, at)
    ]


def _is_in_every_row(table: Table, at: int) -> bool:
    return bool(table.rows) and table.values(at).total() == len(table.rows)


def _has_different_texts(table: Table) -> bool:
    """Say whether nearly every row is about something else: no one pays one account so often."""
    texts = [at for at, name in enumerate(table.names) if name in _DESCRIPTIONS]
    most = max((len(table.values(at)) for at in texts), default=0)
    return len(table.rows) >= _ENOUGH and most >= _ENOUGH


def _balances_follow(table: Table, at: int, columns: Columns) -> bool:
    """Say whether the balances follow among the rows of each value, and not among all."""
    amount, balance = columns.get(CsvColumn.AMOUNT), columns.get(CsvColumn.BALANCE)
    values = table.values(at)
    if amount is None or balance is None or len(values) > _MOST or min(values.values()) < _ENOUGH:
        return False
    rows: defaultdict[str, list[Record]] = defaultdict(list)
    for row in table.rows:
        rows[row.cells[at].strip() if at < len(row.cells) else ""].append(row)
    parts = (Table(table.header, each, table.width) for each in rows.values())
    return not follows(table, amount, balance) and all(
        follows(each, amount, balance) for each in parts
    )
