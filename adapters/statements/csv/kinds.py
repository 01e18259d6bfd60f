"""Kinds of what a card lists, in a column of their own: purchases, and what is returned or paid."""

from collections.abc import Container

from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.records import Table, cell_of
from adapters.statements.csv.words import COST_KINDS, PURCHASE_KINDS, RETURN_KINDS, normalize

_KINDS = PURCHASE_KINDS | RETURN_KINDS | COST_KINDS


def kinds_are_turned_round(table: Table, amount: int, texts: Container[int] = ()) -> bool:
    """Say whether all purchases have no minus, and all that is returned has one.

    The kinds of rows are in a column of their own, which is none of the texts.
    """
    return _agree(table, amount, texts, is_turned=True)


def kinds_are_as_written(table: Table, amount: int, texts: Container[int] = ()) -> bool:
    """Say whether all purchases have a minus, and nothing that is returned has one."""
    return _agree(table, amount, texts, is_turned=False)


def _agree(table: Table, amount: int, texts: Container[int], *, is_turned: bool) -> bool:
    columns = (at for at in range(table.width) if at not in texts and holds_kinds(table, at))
    return any(_have_signs(table, amount, at, is_turned=is_turned) for at in columns)


def _have_signs(table: Table, amount: int, kind: int, *, is_turned: bool) -> bool:
    signs = kinds_of(table, kind)
    for record in table.rows:
        token = parse_token(cell_of(record, amount))
        word = cell_of(record, kind)
        if not token or token.is_zero or normalize(word) in COST_KINDS:
            continue
        if signs.get(word) != ("+" if token.is_negative == is_turned else "-"):
            return False
    return True


def kinds_of(table: Table, column: int) -> dict[str, str]:
    """Return the signs of kinds, if all values of a column are those of a card."""
    words = {value: normalize(value) for value in table.values(column)}
    if not _KINDS.issuperset(words.values()):
        return {}
    return {value: "+" if word in RETURN_KINDS else "-" for value, word in words.items()}


def holds_kinds(table: Table, at: int) -> bool:
    """Say whether every row has a kind of a card, some are purchases, and some came back."""
    if not table.rows or normalize(cell_of(table.rows[0], at)) not in _KINDS:
        return False
    words = set(map(normalize, table.values(at)))
    is_complete = table.values(at).total() == len(table.rows) and words <= _KINDS
    return is_complete and not (PURCHASE_KINDS.isdisjoint(words) or RETURN_KINDS.isdisjoint(words))
