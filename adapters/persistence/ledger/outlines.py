"""Statements about some days, without their rows."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection

from domain.ledger.days import Days
from domain.ledger.evidence import NEARBY, Outline
from domain.ledger.kinds import BalanceKind
from domain.ledger.statement_numbers import Number
from domain.ledger.values import (
    LedgerReconciliation,
    Reconciliation,
    StatedBalance,
    StatementRef,
)
from domain.shared.ids import AccountId, ImportId, UserId
from domain.shared.money import Money

#: Of statements that close before or after some days, so many at most are looked at.
BESIDE = 50

_ACTIVE = """
ledger_statement AS statement JOIN ledger_import AS source
    ON source.user_id = statement.user_id AND source.id = statement.import_id
WHERE statement.user_id = %(owner)s AND statement.account_id = %(account)s
AND source.undone_at IS NULL
"""
# The statements of one day may be pages, and an account may have several currencies.
_BESIDE = f"""
SELECT id FROM (
    SELECT id, closing_day,
        first_value(closing_day) OVER (PARTITION BY currency ORDER BY {{order}}) AS nearest
    FROM (
        SELECT statement.id, statement.currency, closing_day FROM {_ACTIVE}
        AND {{where}} ORDER BY {{order}} LIMIT {BESIDE}
    ) AS candidates
) AS beside WHERE closing_day = nearest
"""  # noqa: S608
_BEFORE = _BESIDE.format(where="closing_day < %(first)s", order="closing_day DESC")
_AFTER = _BESIDE.format(where="closing_day > %(last)s", order="closing_day")
# A statement is near if one of its batches of rows is, or its closing balance.
_NEAR = f"""
WITH near AS (
    SELECT statement.id FROM {_ACTIVE} AND closing_day BETWEEN %(first)s AND %(last)s
    UNION
    SELECT statement.id FROM {_ACTIVE} AND (statement.import_id, statement.place) IN (
        SELECT import_id, place FROM ledger_imported_rows
        WHERE user_id = %(owner)s AND account_id = %(account)s AND NOT undone
        AND last_day >= %(first)s AND first_day <= %(last)s
    )
    UNION {_BEFORE} UNION {_AFTER}
), listed AS (
    SELECT import_id, place, min(first_day) AS first, max(last_day) AS last
    FROM ledger_imported_rows WHERE user_id = %(owner)s AND import_id = ANY(
        ARRAY(SELECT DISTINCT import_id FROM ledger_statement JOIN near USING (id)
            WHERE user_id = %(owner)s)
    ) GROUP BY import_id, place
)
SELECT import_id, place, report_type, number, currency,
    coalesce(first_day, listed.first), coalesce(last_day, listed.last),
    first_day IS NOT NULL AND last_day IS NOT NULL,
    opening, opening_day, closing, closing_day, new + same + updates + conflict + deleted,
    ledger_reconciliation, ledger_difference, ledger_since
FROM ledger_statement AS statement JOIN near USING (id)
LEFT JOIN listed USING (import_id, place)
WHERE statement.user_id = %(owner)s
"""  # noqa: S608
_ABOUT = timedelta(days=NEARBY)


class _Row(NamedTuple):
    import_id: Any
    place: int
    report_type: str
    number: str
    currency: str
    first_day: date | None
    last_day: date | None
    has_period: bool
    opening: Any
    opening_day: date | None
    closing: Any
    closing_day: date | None
    rows: int
    ledger_reconciliation: str
    ledger_difference: Any
    ledger_since: date | None


def near(
    account_id: AccountId, owner: UserId, days: Days
) -> Sequence[tuple[Outline, LedgerReconciliation]]:
    """Return active statements with rows or a closing balance on about these days.

    Also those that close last before, and first after them, of each currency.
    """
    about = {"first": days.first - _ABOUT, "last": days.last + _ABOUT}
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, {"owner": owner, "account": account_id, **about})
        rows = [_Row(*row) for row in cursor.fetchall()]
    return [(_outline(row), ledger_of(row, row.currency)) for row in rows]


def _outline(row: _Row) -> Outline:
    return Outline(
        ref=StatementRef(ImportId(row.import_id), row.place),
        currency=row.currency,
        report_type=row.report_type,
        number=Number.parse(row.number),
        first_day=row.first_day,
        last_day=row.last_day,
        has_period=row.has_period,
        opening=balance_of(BalanceKind.OPENING, row.opening, row.opening_day, row.currency),
        closing=balance_of(BalanceKind.BOOKED, row.closing, row.closing_day, row.currency),
        rows=row.rows,
    )


def balance_of(
    kind: BalanceKind, amount: Any, day: date | None, currency: str
) -> StatedBalance | None:
    if amount is None or day is None:
        return None
    return StatedBalance(kind=kind, money=Money(amount, currency), day=day)


def ledger_of(row: Any, currency: str) -> LedgerReconciliation:
    """Return how the ledger agrees with the statement of a row."""
    short = row.ledger_difference
    return LedgerReconciliation(
        state=Reconciliation(row.ledger_reconciliation),
        difference=None if short is None else Money(short, currency),
        first_day=row.ledger_since,
        last_day=row.closing_day if row.ledger_since else None,
    )
