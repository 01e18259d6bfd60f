"""Directions: the words for debit and credit in a column of their own."""

from itertools import chain

from adapters.statements.csv.amount_columns import tally_signs
from adapters.statements.csv.amounts import direction, is_direction
from adapters.statements.csv.evidence import holds_amounts
from adapters.statements.csv.kinds import holds_kinds, kinds_of
from adapters.statements.csv.records import Table, cell_of
from adapters.statements.csv.words import (
    PURCHASE_KINDS,
    TYPES,
    directions,
    normalize,
)
from domain.ledger.hints import CsvColumn

Columns = dict[CsvColumn, int]

# What a word stands for beside another: “Má dáti” and “Dal”, “Winien” and “Ma”, “Dare” and “Avere”.
_BESIDE = {
    "md": {"md": "-", "d": "+", "dal": "+"},
    "ma dati": {"ma dati": "-", "dal": "+"},
    "wn": {"wn": "-", "ma": "+"},
    "d": {"a": "+", "k": "+"},
    "j": {"t": "-", "j": "+"},
    "u": {"o": "-", "u": "+"},
}
_DASHES = {"-", "−", "–"}
_TEXTS = {CsvColumn.KIND, CsvColumn.DESCRIPTION, CsvColumn.MEMO}
# So many rows show that a column has another form.
_HEAD = 50


def holds_directions(table: Table, column: int, amount: int | None) -> bool:
    """Say whether a column holds “debit” and “credit”: it may not when the amounts have signs."""
    if holds_amounts(table, column):
        return False
    signed = amount is not None and tally_signs(table, amount).minus
    if signed and table.values(column).keys() <= _DASHES:
        return False
    if table.names[column] not in TYPES or all(map(is_direction, table.values(column))):
        return True
    return not signed and table.holds(column, is_direction)


def tells_directions(table: Table, column: int, amount: int) -> bool:
    """Say whether a column has directions alone. Dashes beside signed amounts are no directions."""
    values = table.values(column)
    if not values or not all(map(is_direction, values)):
        return False
    return not values.keys() <= _DASHES or not tally_signs(table, amount).minus


def directions_of(table: Table, column: int) -> dict[str, str]:
    """Return the signs that the values of a column stand for.

    Where the column marks only the one direction, a row without a mark is of the other.
    """
    values = table.values(column)
    words = {value: value if value in "+-" else normalize(value) for value in values}
    debits, credits_ = directions(table.names[column] if column < len(table.names) else "")
    found = {value: "-" for value, word in words.items() if word in debits}
    found |= {value: "+" for value, word in words.items() if word in credits_}
    for company, others in _BESIDE.items():
        if company in words.values():
            found |= {value: others[word] for value, word in words.items() if word in others}
    is_of_kinds = not found or not PURCHASE_KINDS.isdisjoint(words.values())
    found = (is_of_kinds and kinds_of(table, column)) or found
    signs = set(found.values())
    if len(signs) == 1 and len(found) == len(words) and values.total() < len(table.rows):
        found[""] = "+" if signs == {"-"} else "-"
    return found


def find_directions(table: Table, columns: Columns) -> Columns:
    """Add the column of directions that no heading names, where amounts lack a sign."""
    amount = columns.get(CsvColumn.AMOUNT)
    if amount is None or CsvColumn.DIRECTION in columns:
        return columns
    tally = tally_signs(table, amount)
    if tally.minus or not tally.bare:
        return columns
    # Balances show more than kinds do, and so does a mark beside an amount.
    may_have_kinds = tally.is_unsigned and not tally.directed and CsvColumn.BALANCE not in columns
    texts = {columns.get(CsvColumn.DESCRIPTION), columns.get(CsvColumn.MEMO)}
    assigned = {at for role, at in columns.items() if role not in _TEXTS}
    for at in range(table.width):
        may_be_kind = may_have_kinds and at not in texts
        if at not in assigned and (_directs(table, at) or (may_be_kind and holds_kinds(table, at))):
            others = {role: place for role, place in columns.items() if place != at}
            return {**others, CsvColumn.DIRECTION: at}
    return columns


def _directs(table: Table, at: int) -> bool:
    """Say whether every value is a direction, and both occur or the heading says what they are."""
    head = filter(None, (cell_of(row, at) for row in table.rows[:_HEAD]))
    first = next(head, "")
    if not first or not all(map(_may_direct, chain([first], head))):
        return False
    found = directions_of(table, at)
    if not all(value in found for value in table.values(at)):
        return False
    words = table.names[at].split() if at < len(table.names) else []
    return all(map(direction, words)) or len(set(found.values())) > 1


def _may_direct(value: str) -> bool:
    word = normalize(value)
    return is_direction(value) or any(word in others for others in _BESIDE.values())
