"""Whether a column says which way amounts go."""

from adapters.statements.csv.cells import written
from adapters.statements.csv.table import Table
from adapters.statements.csv.words import CREDITS, DEBITS, TYPES, plain


def is_direction(value: str) -> bool:
    return value in "+-" or plain(value) in DEBITS | CREDITS


def gives_directions(table: Table, at: int, amount: int | None) -> bool:
    """Tell whether a column says which way amounts go: it need not, where these have signs."""
    if table.names[at] not in TYPES or all(map(is_direction, table.values(at))):
        return True
    amounts = table.shapes(amount) if amount is not None else ()
    signed = any(found.digits.startswith("-") for found in map(written, amounts) if found)
    return not signed and table.holds(at, is_direction)
