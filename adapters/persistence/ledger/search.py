"""Transactions with certain words: frequent ones are found in the order of the list, rare ones in
the index of words."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from adapters.persistence.ledger import listed
from adapters.persistence.ledger.listed import ListedRow
from domain.ledger.listing import TransactionFilter, TransactionSort
from domain.shared.pages import Cursor

# How many rows of the list are looked through for each one that is wanted: few at first, and more
# as long as one in so many rows has the words. To read rarer words from the index costs less.
_WINDOWS = (2, 20, 400)
_RARE = 160

# The text is looked into before its words are, because that costs a tenth.
_TEXT = "lower(row.payee || ' ' || row.description || ' ' || row.memo || ' ' || row.note)"
_CONTAINED = f"strpos({_TEXT}, %({{name}})s) > 0 AND "
_IN_ORDER = """(
    SELECT row.* FROM (
        SELECT row.* FROM ledger_transaction row
        WHERE row.user_id = %(owner)s AND row.removal IS NULL {conditions}
        ORDER BY {order} LIMIT %(window)s
    ) row
    WHERE {contained} ledger_words(row.payee, row.description, row.memo, row.note)
        @@ to_tsquery('simple', %(words)s)
    ORDER BY {order} LIMIT %(limit)s
)"""
#: The rows of a user that have words, with the columns of filters.
BY_WORDS = "guard.search_transactions(to_tsquery('simple', %(words)s)) row WHERE true"
_BY_INDEX = f"""(
    SELECT whole.* FROM (
        SELECT row.id FROM {BY_WORDS} {{conditions}} ORDER BY {{order}} LIMIT %(limit)s
    ) hit JOIN ledger_transaction whole ON whole.user_id = %(owner)s AND whole.id = hit.id
)"""  # noqa: S608


def page(
    account_id: UUID | None,
    owner: UUID,
    where: TransactionFilter,
    after: Cursor | None,
    limit: int,
    sort: TransactionSort,
) -> list[ListedRow]:
    """Return up to `limit` transactions of a list that have these words."""
    conditions, given = listed.conditions_of(account_id, where, after, sort)
    given |= {"owner": owner, "limit": limit, "words": listed.query_of(where.words)}
    order = listed.order_of(sort)
    if not sort.by_amount:
        contained, named = _contained(where.words)
        rows = _IN_ORDER.format(conditions=conditions, order=order, contained=contained)
        if (found := _in_order(rows, order, {**given, **named})) is not None:
            return found
    return listed.rows_of(_BY_INDEX.format(conditions=conditions, order=order), order, given)


def _in_order(rows: str, order: str, given: dict[str, Any]) -> list[ListedRow] | None:
    """Look through the first rows of a list; return nothing if those do not fill the page."""
    limit = given["limit"]
    for factor in _WINDOWS:
        found = listed.rows_of(rows, order, {**given, "window": factor * limit})
        if len(found) == limit:
            return found
        if len(found) * _RARE < factor * limit:
            break
    return None


def _contained(words: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return SQL by which the text of a row contains the words, and its parameters."""
    named = {f"word{number}": word for number, word in enumerate(words) if word.isascii()}
    return "".join(_CONTAINED.format(name=name) for name in named), named
