"""Balances by day: the SQL from which lists of balances, net worth and exports are made."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Never

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from domain.ledger.balances import DailyBalance
from domain.ledger.days import Days
from domain.ledger.kinds import BalanceKind
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Result, Success

# The balance of each account, currency and day that was recorded last.
_BALANCES = """
stated AS (
    SELECT b.id, b.account_id, b.kind, b.currency, b.day, b.amount, b.created_at,
        -- A statement of the same day goes on from this balance.
        EXISTS (
            SELECT FROM ledger_statement later JOIN ledger_import source
                ON source.user_id = later.user_id AND source.id = later.import_id
            WHERE later.user_id = %(owner)s AND source.user_id = %(owner)s
            AND later.account_id = b.account_id
            AND later.currency = b.currency AND later.closing_day = b.day
            AND later.opening_day = b.day AND later.opening = b.amount
            AND later.closing <> b.amount AND {later_is_active}
        ) AS is_passed,
        bool_or(b.kind = 'booked') OVER (PARTITION BY b.account_id, b.currency) AS has_booked
    FROM ledger_balance b JOIN ledger_import source
        ON source.user_id = b.user_id AND source.id = b.import_id
    WHERE b.user_id = %(owner)s {of_account} AND {is_active}
        AND b.kind IN ('booked', 'available')
), balance AS (
    SELECT DISTINCT ON (stated.account_id, stated.currency, day)
        stated.account_id, stated.currency, day, amount, stated.kind
    FROM stated JOIN ledger_account account
        ON account.user_id = %(owner)s AND account.id = stated.account_id
    WHERE stated.kind = 'booked' OR (account.kind = 'investment' AND NOT has_booked)
    ORDER BY stated.account_id, stated.currency, day, is_passed, stated.created_at DESC,
        stated.id DESC
)"""
# An anchor is a balance from which days are computed: forwards, and before the first one backwards.
# `total` is the sum of bookings up to a day, from the first day that matters; `number` counts the
# anchors until then. The difference between an anchor and its day's total is added on all its days.
# Before the first day and after the last one there is at most one anchor, so bookings there need no
# days. Days without a change are not computed.
_ROLLED = """
anchor AS MATERIALIZED (
    SELECT * FROM (
        SELECT account_id, currency, kind, day AS known, amount,
            CASE WHEN lag(day) OVER other IS NULL THEN '-infinity' ELSE day END AS since,
            coalesce(lead(day) OVER other, 'infinity') AS until
        FROM balance WINDOW other AS (PARTITION BY account_id, currency ORDER BY day)
    ) every WHERE since <= %(last)s AND until > %(first)s
), span AS (
    SELECT account_id, currency, max(kind) AS kind,
        least(min(known), %(first)s) AS low, greatest(max(known), %(last)s) AS high
    FROM anchor GROUP BY account_id, currency
), moved AS (
    SELECT span.account_id, span.currency, sum(amount) AS amount,
        CASE WHEN booking_date <= %(last)s THEN greatest(booking_date, %(first)s) ELSE high END
        AS day
    FROM span JOIN ({bookings}) booked USING (account_id, currency)
    WHERE booking_date > low AND booking_date <= high
    GROUP BY span.account_id, span.currency, 4
), point AS (
    SELECT account_id, currency, day, sum(moved) AS moved, max(stated) AS stated
    FROM (
        SELECT account_id, currency, day, amount AS moved, NULL AS stated FROM moved
        UNION ALL SELECT account_id, currency, known, 0, amount FROM anchor
        UNION ALL SELECT account_id, currency, %(first)s, 0, NULL FROM span
    ) every GROUP BY account_id, currency, day
), running AS (
    SELECT *, sum(moved) OVER until AS total, count(stated) OVER until AS number
    FROM point WINDOW until AS (PARTITION BY account_id, currency ORDER BY day)
), rolled AS (
    SELECT account_id, currency, day, total + max(stated - total) OVER anchored AS amount,
        max(day) FILTER (WHERE stated IS NOT NULL) OVER anchored AS stated_on
    FROM running WINDOW anchored AS (PARTITION BY account_id, currency, greatest(number, 1))
)"""
_BOOKED = """
SELECT account_id, currency, booking_date, amount FROM {table}
WHERE user_id = %(owner)s AND status = 'posted' AND removal IS NULL"""
# The versions of transactions that were valid at a moment: see `DjangoTransactionHistory`.
_BOOKED_THEN = (
    _BOOKED.format(table="ledger_transaction")
    + " AND recorded_at <= %(moment)s UNION ALL"
    + _BOOKED.format(table="ledger_transaction_version")
    + " AND recorded_at <= %(moment)s AND superseded_at > %(moment)s"
)
# One step in the index for each currency, however many transactions there are.
_CURRENCIES = """
used AS (
    SELECT account.id AS account_id, first.currency
    FROM ledger_account account CROSS JOIN LATERAL (
        SELECT currency FROM ledger_transaction
        WHERE user_id = %(owner)s AND account_id = account.id
            AND status = 'posted' AND removal IS NULL
        ORDER BY currency LIMIT 1
    ) first WHERE account.user_id = %(owner)s {account_is_meant}
    UNION ALL SELECT used.account_id, further.currency
    FROM used CROSS JOIN LATERAL (
        SELECT currency FROM ledger_transaction
        WHERE user_id = %(owner)s AND account_id = used.account_id AND currency > used.currency
            AND status = 'posted' AND removal IS NULL
        ORDER BY currency LIMIT 1
    ) further
)"""
_CURRENCIES_THEN = (
    "used AS (SELECT DISTINCT account_id, currency FROM ({bookings}) booked {only_account})"
)
_UNKNOWN = """
unknown AS (
    SELECT account_id, currency FROM used
    WHERE NOT EXISTS (
        SELECT FROM balance
        WHERE balance.account_id = used.account_id AND balance.currency = used.currency
    )
)"""


def rolled_sql(*, moment: bool = False, of_account: bool = False) -> str:
    """Return the tables of a query, which has to be `WITH RECURSIVE`.

    `balance` has what was stated, `rolled` the amount of each day on which it may change, and
    `unknown` the currencies in which transactions are booked and no balance is stated. Parameters
    are `owner`, `first` and `last`; `moment` looks back, and `account_id` limits the query.
    """
    bookings = _BOOKED_THEN if moment else _BOOKED.format(table="ledger_transaction")
    currencies = _CURRENCIES_THEN if moment else _CURRENCIES
    return ", ".join((_BALANCES, _ROLLED, currencies, _UNKNOWN)).format(
        bookings=bookings,
        is_active=active_sql("b", moment=moment),
        later_is_active=active_sql("later", moment=moment),
        of_account="AND b.account_id = %(account_id)s" if of_account else "",
        account_is_meant="AND account.id = %(account_id)s" if of_account else "",
        only_account="WHERE account_id = %(account_id)s" if of_account else "",
    )


def active_sql(row: str, *, moment: bool) -> str:
    """Return the condition that an import, joined as `source`, states a row, now or then."""
    if not moment:
        return "source.undone_at IS NULL"
    return (
        f"{row}.created_at <= %(moment)s"
        " AND (source.undone_at IS NULL OR source.undone_at > %(moment)s)"
    )


_BY_DAY = """
WITH RECURSIVE {tables}, stretch AS (
    SELECT account_id, currency, rolled.day, amount, kind, stated_on,
        coalesce(lead(day) OVER (PARTITION BY account_id, currency ORDER BY day) - 1, %(last)s)
        AS until
    FROM rolled JOIN span USING (account_id, currency)
    WHERE rolled.day BETWEEN %(first)s AND %(last)s
)
SELECT account_id, each.day::date AS day, currency, amount, kind, stated_on
FROM stretch CROSS JOIN LATERAL generate_series(stretch.day, until, '1 day') each (day)
UNION ALL
SELECT account_id, each.day::date, currency, NULL, NULL, NULL
FROM unknown CROSS JOIN generate_series(%(first)s::date, %(last)s::date, '1 day') each (day)
ORDER BY account_id, day DESC, currency
"""
_FIRST_DAY = """
SELECT least(
    (SELECT min(b.day) FROM ledger_balance b JOIN ledger_import source
        ON source.user_id = b.user_id AND source.id = b.import_id
    WHERE b.user_id = %(owner)s AND b.account_id = %(account_id)s
    AND b.kind IN ('booked', 'available') AND {is_active}),
    (SELECT min(booking_date) FROM ({bookings}) booked WHERE account_id = %(account_id)s)
)
"""


class DjangoDailyBalanceRepository(UsesDatabase):
    """`DailyBalanceRepository` in one statement, however many days and accounts there are."""

    @in_database
    def by_day(
        self,
        days: Days,
        *,
        owner: UserId,
        account_id: AccountId | None = None,
        moment: datetime | None = None,
    ) -> Result[Sequence[DailyBalance], Never]:
        return Success(balances_by_day(days, owner, account_id, moment))

    @in_database
    def first_day(
        self, account_id: AccountId, *, owner: UserId, moment: datetime | None = None
    ) -> Result[date | None, Never]:
        sql = _FIRST_DAY.format(
            is_active=active_sql("b", moment=moment is not None),
            bookings=_BOOKED_THEN if moment else _BOOKED.format(table="ledger_transaction"),
        )
        given: dict[str, Any] = {"owner": owner, "account_id": account_id, "moment": moment}
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            (day,) = cursor.fetchone()
        return Success(day)


def balances_by_day(
    days: Days, owner: UserId, account_id: AccountId | None = None, moment: datetime | None = None
) -> list[DailyBalance]:
    """Return the balances of one account, or of all, within a transaction that is open."""
    tables = rolled_sql(moment=moment is not None, of_account=account_id is not None)
    given: dict[str, Any] = {"owner": owner, "account_id": account_id, "moment": moment}
    given |= {"first": days.first, "last": days.last}
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY.format(tables=tables), given)
        return [_balance(*row) for row in cursor.fetchall()]


_STATED = """
WITH RECURSIVE {tables}
SELECT account_id, day, currency, amount, kind, day FROM balance
ORDER BY account_id, currency, day
"""


def stated_balances(owner: UserId, account_id: AccountId | None = None) -> list[DailyBalance]:
    """Return what was stated of one account, or of all, oldest first, within a transaction."""
    tables = rolled_sql(of_account=account_id is not None)
    given = {"owner": owner, "account_id": account_id, "first": date.min, "last": date.max}
    with connection.cursor() as cursor:
        cursor.execute(_STATED.format(tables=tables), given)
        return [_balance(*row) for row in cursor.fetchall()]


def _balance(account_id: Any, day: date, currency: str, *rest: Any) -> DailyBalance:
    amount, kind, stated_on = rest
    return DailyBalance(
        account_id=AccountId(account_id),
        day=day,
        currency=currency,
        amount=amount,
        kind=BalanceKind(kind) if kind else None,
        stated_on=stated_on,
    )
