"""Transactions as lists show them: only the columns they show, without a model and an entity."""

import json
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from adapters.persistence.ledger.splits import splits_of
from domain.ledger.allocations import CategorySource, Split
from domain.ledger.entities import TransactionStatus
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import Security, Trade, TransactionKind
from domain.shared.ids import AccountId, CategoryId, ImportId, TransactionId
from domain.shared.money import Money
from domain.shared.pages import Cursor


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
    splits: tuple[Split, ...]
    original_currency: str | None
    exchange_rate: Decimal | None
    trade: Trade | None


_PAGE = """
SELECT row.id, row.account_id, row.import_id, row.provider_id, row.booking_date, row.value_date,
    row.amount, row.currency, row.kind, row.status, row.description,
    row.payee, row.counterparty_account, row.reference, row.memo, row.note, row.category,
    row.category_id, row.category_source, row.tags, row.splits::text,
    row.original_currency, row.exchange_rate, row.quantity, row.unit_price,
    security.scheme, security.number, security.name, security.ticker
FROM ledger_transaction row LEFT JOIN ledger_security security
    ON security.user_id = %(owner)s AND security.id = row.security_id
WHERE row.user_id = %(owner)s AND row.account_id = %(account_id)s AND row.removal IS NULL
    {conditions}
ORDER BY row.booking_date DESC, row.id DESC LIMIT %(limit)s
"""
_CONDITIONS = {
    "booked_from": "row.booking_date >= %(booked_from)s",
    "booked_to": "row.booking_date <= %(booked_to)s",
    "amount_from": "row.amount >= %(amount_from)s",
    "amount_to": "row.amount <= %(amount_to)s",
    "status": "row.status = %(status)s",
    "kind": "row.kind = %(kind)s",
}
# The first condition is the one that an index is read from.
_AFTER = (
    "row.booking_date <= %(after_day)s"
    " AND (row.booking_date, row.id) < (%(after_day)s, %(after_id)s)"
)


def page(
    account_id: UUID, owner: UUID, where: TransactionFilter, after: Cursor | None, limit: int
) -> list[ListedRow]:
    """Return up to `limit` transactions of an account, newest booking date first."""
    given = {name: getattr(where, name) for name in _CONDITIONS}
    given = {name: value for name, value in given.items() if value is not None}
    conditions = [_CONDITIONS[name] for name in given]
    if after:
        conditions.append(_AFTER)
        given |= {"after_day": after.day, "after_id": after.id}
    sql = _PAGE.format(conditions="".join(f" AND {each}" for each in conditions))
    named = {**given, "owner": owner, "account_id": account_id, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(sql, named)
        return [_listed(row) for row in cursor.fetchall()]


def _listed(row: tuple[Any, ...]) -> ListedRow:
    """Return the transaction of the columns of `_PAGE`."""
    amount, currency, kind, status = row[6:10]
    stated = Money(amount, currency), TransactionKind(kind), TransactionStatus(status)
    source, tags, splits = row[18:21]
    said = (
        CategorySource(source) if source else None,
        tuple(tags),
        () if splits == "[]" else splits_of(json.loads(splits)),
    )
    return ListedRow._make(
        (*row[:6], *stated, *row[10:18], *said, *row[21:-6], trade_of(*row[-6:]))
    )


def trade_of(quantity: Decimal | None, unit_price: Decimal | None, *security: Any) -> Trade | None:
    """Return a trade, if there is one; a security is scheme, number, name and ticker."""
    if quantity is None:
        return None
    named = dict(zip(("scheme", "number", "name", "ticker"), security, strict=True))
    return Trade(security=Security(**named), quantity=quantity, unit_price=unit_price)
