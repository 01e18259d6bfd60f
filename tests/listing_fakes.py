"""Lists of transactions in memory: filtered, sorted, and continued after a cursor."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.ledger.entities import Transaction
from domain.ledger.listing import AmountCursor, CurrencyTotal, TransactionFilter, TransactionSort
from domain.ledger.values import Reconciliation
from domain.shared.pages import Cursor, Page

if TYPE_CHECKING:
    from tests.fakes import Store


def page_of(
    rows: Sequence[Transaction],
    store: "Store",
    where: TransactionFilter,
    after: Cursor | None,
    limit: int,
    sort: TransactionSort,
) -> Page[Transaction]:
    """Return the page of these rows that follows a cursor."""
    listed = [row for row in rows if matches(row, where, store)]
    listed.sort(key=lambda row: _place(row, sort), reverse=sort.descends)
    if after:
        key = after.amount if isinstance(after, AmountCursor) else after.day
        listed = [row for row in listed if _is_after(_place(row, sort), (key, after.id), sort)]
    items = listed[:limit]
    return Page(items, _cursor(items[-1], sort) if len(listed) > limit else None)


def totals_of(
    rows: Sequence[Transaction], store: "Store", where: TransactionFilter
) -> list[CurrencyTotal]:
    """Return the totals of these rows."""
    amounts: dict[str, list[Decimal]] = {}
    for row in rows:
        if matches(row, where, store):
            amounts.setdefault(row.amount.currency, []).append(row.amount.amount)
    return [
        CurrencyTotal(
            currency=currency,
            count=len(each),
            incoming=sum((amount for amount in each if amount > 0), Decimal(0)),
            outgoing=sum((amount for amount in each if amount < 0), Decimal(0)),
        )
        for currency, each in sorted(amounts.items())
    ]


def _place(row: Transaction, sort: TransactionSort) -> tuple[date | Decimal, object]:
    return (row.amount.amount if sort.by_amount else row.booking_date), row.id


def _is_after(place: tuple[object, ...], other: tuple[object, ...], sort: TransactionSort) -> bool:
    return place < other if sort.descends else place > other


def _cursor(row: Transaction, sort: TransactionSort) -> Cursor:
    if sort.by_amount:
        return AmountCursor(row.booking_date, row.id, row.amount.amount)
    return Cursor(row.booking_date, row.id)


def matches(row: Transaction, where: TransactionFilter, store: "Store") -> bool:
    """Return whether a transaction is in a list."""
    return (
        _is_within(row.booking_date, where.booked_from, where.booked_to)
        and _is_within(row.amount.amount, where.amount_from, where.amount_to)
        and where.status in (None, row.status)
        and where.kind in (None, row.kind)
        and where.import_id in (None, row.import_id)
        and where.category in (None, row.category)
        and (where.tag is None or where.tag in row.tags)
        and (not where.account_ids or row.account_id in where.account_ids)
        and (not where.words or _has(row, where.words))
        and not (where.unreconciled and _is_reconciled(row, store))
    )


def _has(row: Transaction, searched: Sequence[str]) -> bool:
    """Return whether it has all these words, and one that begins with the last of them."""
    words = re.findall(r"[^\W_]+", f"{row.payee} {row.description} {row.memo} {row.note}".lower())
    return set(searched[:-1]) <= set(words) and any(w.startswith(searched[-1]) for w in words)


def _is_within(value: object, least: object, most: object) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)  # type: ignore[operator]


def _is_reconciled(row: Transaction, store: "Store") -> bool:
    """Return whether it is booked between balances that its account adds up to."""
    active = [done for done in store.imports.values() if done.undone_at is None]
    stretches = [
        outcome.ledger
        for done in active
        for outcome in done.statements
        if outcome.account_id == row.account_id
        and outcome.currency == row.amount.currency
        and outcome.ledger.state is Reconciliation.BALANCED
    ]
    return not row.is_pending and any(
        _is_within(row.booking_date, each.first_day, each.last_day) for each in stretches
    )
