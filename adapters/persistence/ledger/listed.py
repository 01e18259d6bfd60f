"""Transactions as lists show them: only the columns they show, without a model and an entity."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from adapters.persistence.ledger.splits import splits_of
from domain.ledger.allocations import CategorySource, Split
from domain.ledger.kinds import TransactionKind
from domain.ledger.listing import AmountCursor, CurrencyTotal, TransactionFilter, TransactionSort
from domain.ledger.ports.transactions import ListedTransaction
from domain.ledger.values import Security, Trade, TransactionStatus
from domain.shared.ids import AccountId, CategoryId, ImportId, TransactionId
from domain.shared.money import Money
from domain.shared.pages import Cursor

# Words are searched in another way (`search.py`).
_FIELDS = [each.name for each in fields(TransactionFilter) if each.name != "words"]


class ListedRow(NamedTuple):
    """A row of a list: `ListedTransaction`."""

    id: TransactionId
    account_id: AccountId
    import_id: ImportId
    provider_id: str | None
    booking_date: date
    value_date: date | None
    amount: Money
    kind: TransactionKind
    status: TransactionStatus
    description: str
    payee: str
    counterparty_account: str
    reference: str
    memo: str
    note: str
    category: str
    category_id: CategoryId | None
    category_source: CategorySource | None
    tags: tuple[str, ...]
    tags_source: CategorySource | None
    splits: tuple[Split, ...]
    payee_name: str
    original_currency: str | None
    exchange_rate: Decimal | None
    trade: Trade | None


_COLUMNS = """
SELECT row.id, row.account_id, row.import_id, row.provider_id, row.booking_date, row.value_date,
    row.amount, row.currency, row.kind, row.status, row.description,
    row.payee, row.counterparty_account, row.reference, row.memo, row.note, row.category,
    row.category_id, row.category_source, row.tags, row.tags_source, row.splits::text,
    row.payee_name, row.original_currency, row.exchange_rate, row.quantity, row.unit_price,
    security.scheme, security.number, security.name, security.ticker
"""
_PAGE = f"""
{_COLUMNS}
FROM ledger_transaction row LEFT JOIN ledger_security security
    ON security.user_id = %(owner)s AND security.id = row.security_id
WHERE row.user_id = %(owner)s AND row.removal IS NULL
    {{conditions}}
ORDER BY {{order}} LIMIT %(limit)s
"""
_OF_ROWS = f"""
{_COLUMNS}
FROM {{rows}} row LEFT JOIN ledger_security security
    ON security.user_id = %(owner)s AND security.id = row.security_id
ORDER BY {{order}}
"""
#: All rows of a user.
CURRENT = "ledger_transaction row WHERE row.user_id = %(owner)s AND row.removal IS NULL"
_TOTALS = """
SELECT row.currency, count(*), coalesce(sum(row.amount) FILTER (WHERE row.amount > 0), 0),
    coalesce(sum(row.amount) FILTER (WHERE row.amount < 0), 0)
FROM {rows} {conditions} GROUP BY row.currency ORDER BY row.currency
"""
# Balances that the account adds up to, from the day after the one to the day of the other.
_UNRECONCILED = """(row.status = 'pending' OR NOT EXISTS (
    SELECT FROM ledger_statement statement JOIN ledger_import source
        ON source.user_id = %(owner)s AND source.id = statement.import_id
    WHERE statement.user_id = %(owner)s AND statement.account_id = row.account_id
    AND source.undone_at IS NULL AND statement.ledger_reconciliation = 'balanced'
    AND statement.currency = row.currency
    AND row.booking_date BETWEEN statement.ledger_since AND statement.closing_day
))"""
_CONDITIONS = {
    "account_id": "row.account_id = %(account_id)s",
    "account_ids": "row.account_id = ANY(%(account_ids)s)",
    "booked_from": "row.booking_date >= %(booked_from)s",
    "booked_to": "row.booking_date <= %(booked_to)s",
    "amount_from": "row.amount >= %(amount_from)s",
    "amount_to": "row.amount <= %(amount_to)s",
    "status": "row.status = %(status)s",
    "kind": "row.kind = %(kind)s",
    "import_id": "row.import_id = %(import_id)s",
    "category": "row.category = %(category)s",
    # The first condition is that of an index of what has tags.
    "tag": "row.tags <> '{}' AND %(tag)s = ANY(row.tags)",
    "unreconciled": _UNRECONCILED,
}
# What an index is read by, and the condition for the rows after a cursor. The first part of that is
# the one that an index is read from.
_ORDERS = {
    TransactionSort.NEWEST: (
        "row.booking_date DESC, row.id DESC",
        "row.booking_date <= %(after_day)s"
        " AND (row.booking_date, row.id) < (%(after_day)s, %(after_id)s)",
    ),
    TransactionSort.OLDEST: (
        "row.booking_date, row.id",
        "row.booking_date >= %(after_day)s"
        " AND (row.booking_date, row.id) > (%(after_day)s, %(after_id)s)",
    ),
    TransactionSort.AMOUNT: (
        "row.amount, row.id",
        "(row.amount, row.id) > (%(after_amount)s, %(after_id)s)",
    ),
    TransactionSort.AMOUNT_DESCENDING: (
        "row.amount DESC, row.id DESC",
        "(row.amount, row.id) < (%(after_amount)s, %(after_id)s)",
    ),
}


def page(
    account_id: UUID | None,
    owner: UUID,
    where: TransactionFilter,
    after: Cursor | None,
    limit: int,
    sort: TransactionSort = TransactionSort.NEWEST,
) -> list[ListedRow]:
    """Return up to `limit` transactions of an account, or of all."""
    conditions, given = conditions_of(account_id, where, after, sort)
    sql = _PAGE.format(conditions=conditions, order=_ORDERS[sort][0])
    with connection.cursor() as cursor:
        cursor.execute(sql, {**given, "owner": owner, "limit": limit})
        return [_listed(row) for row in cursor.fetchall()]


def totals(
    rows: str, account_id: UUID | None, owner: UUID, where: TransactionFilter
) -> list[CurrencyTotal]:
    """Return the totals of a list, of `CURRENT` rows or of those that have its words."""
    conditions, given = conditions_of(account_id, where, None, TransactionSort.NEWEST)
    given |= {"owner": owner, "words": query_of(where.words)}
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS.format(rows=rows, conditions=conditions), given)
        return [
            CurrencyTotal(currency=currency, count=count, incoming=incoming, outgoing=outgoing)
            for currency, count, incoming, outgoing in cursor.fetchall()
        ]


def query_of(words: Sequence[str]) -> str:
    """Return what `to_tsquery` reads: all of these words, of the last one the beginning."""
    return " & ".join(f"'{word}'" for word in words) + ":*"


def rows_of(rows: str, order: str, given: Mapping[str, Any]) -> list[ListedRow]:
    """Return the transactions that a sub-select of whole rows selects."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ROWS.format(rows=rows, order=order), given)
        return [_listed(row) for row in cursor.fetchall()]


def order_of(sort: TransactionSort) -> str:
    """Return SQL for the order of a list."""
    return _ORDERS[sort][0]


def conditions_of(
    account_id: UUID | None,
    where: TransactionFilter,
    after: Cursor | None,
    sort: TransactionSort,
) -> tuple[str, dict[str, Any]]:
    """Return SQL for the rows of a list that come after a cursor, and its parameters."""
    asked = {"account_id": account_id, **{name: getattr(where, name) for name in _FIELDS}}
    given = {name: value for name, value in asked.items() if _filters(value)}
    conditions = [_CONDITIONS[name] for name in given]
    if where.account_ids:
        given["account_ids"] = list(where.account_ids)
    if after:
        conditions.append(_ORDERS[sort][1])
        given |= {"after_day": after.day, "after_id": after.id}
    if isinstance(after, AmountCursor):
        given["after_amount"] = after.amount
    return "".join(f" AND {each}" for each in conditions), given


def _filters(value: object) -> bool:
    """Return whether a field of a filter says something; an amount of 0 does, and an empty text."""
    return value is not None and value is not False and value != frozenset()


def cursor_of(row: ListedTransaction, sort: TransactionSort) -> Cursor:
    """Return the position of a transaction in a list."""
    if sort.by_amount:
        return AmountCursor(row.booking_date, row.id, row.amount.amount)
    return Cursor(row.booking_date, row.id)


def _listed(row: tuple[Any, ...]) -> ListedRow:
    """Return the transaction of the columns of `_PAGE`."""
    amount, currency, kind, status = row[6:10]
    stated = Money(amount, currency), TransactionKind(kind), TransactionStatus(status)
    source, tags, tags_source, splits = row[18:22]
    said = (
        CategorySource(source) if source else None,
        tuple(tags),
        CategorySource(tags_source) if tags_source else None,
        () if splits == "[]" else splits_of(json.loads(splits)),
    )
    return ListedRow._make(
        (*row[:6], *stated, *row[10:18], *said, *row[22:-6], trade_of(*row[-6:]))
    )


def trade_of(quantity: Decimal | None, unit_price: Decimal | None, *security: Any) -> Trade | None:
    """Return a trade, if there is one; a security is scheme, number, name and ticker."""
    if quantity is None:
        return None
    named = dict(zip(("scheme", "number", "name", "ticker"), security, strict=True))
    return Trade(security=Security(**named), quantity=quantity, unit_price=unit_price)
