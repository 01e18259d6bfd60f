"""What all accounts come to, reckoned by the database."""

from datetime import date
from typing import Never
from uuid import UUID

from django.db import connection

from adapters.persistence.database import Database, in_database
from domain.ledger.net_worth import NetWorth, Period, Worth
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Result, Success

_DAYS = """
days AS (
    SELECT day::date FROM generate_series(%(first)s::date, %(last)s::date, '1 day') AS day
)"""
# Of each account, currency and day, the balance that was recorded last. An anchor is one that
# wanted days are reckoned from; those before the first one are reckoned back from it.
_ANCHORS = """
stated AS (
    SELECT b.id, b.account_id, b.kind, b.currency, b.day, b.amount, b.created_at,
        bool_or(b.kind = 'booked') OVER (PARTITION BY b.account_id, b.currency) AS has_booked
    FROM ledger_balance b JOIN ledger_import source ON source.id = b.import_id
    WHERE b.user_id = %(owner)s AND source.undone_at IS NULL AND b.kind IN ('booked', 'available')
), balance AS (
    SELECT DISTINCT ON (stated.account_id, stated.currency, day)
        stated.account_id, stated.currency, day, amount
    FROM stated JOIN ledger_account account ON account.id = stated.account_id
    WHERE stated.kind = 'booked' OR (account.kind = 'investment' AND NOT has_booked)
    ORDER BY stated.account_id, stated.currency, day, stated.created_at DESC, stated.id DESC
), anchor AS MATERIALIZED (
    SELECT * FROM (
        SELECT account_id, currency, day AS known, amount,
            CASE WHEN lag(day) OVER other IS NULL THEN '-infinity' ELSE day END AS since,
            coalesce(lead(day) OVER other, 'infinity') AS until
        FROM balance WINDOW other AS (PARTITION BY account_id, currency ORDER BY day)
    ) every WHERE since <= %(last)s AND until > %(first)s
)"""
# `total` is what was booked until a day, counted from the first day that matters; `number` counts
# the anchors until then. What an anchor says beyond its day's total, it adds on all of its days.
# Before the first day and after the last one there is one anchor at most: movements need no days.
_CASH = """
span AS (
    SELECT account_id, currency,
        least(min(known), %(first)s) AS low, greatest(max(known), %(last)s) AS high
    FROM anchor GROUP BY account_id, currency
), moved AS (
    SELECT span.account_id, span.currency, sum(amount) AS amount,
        CASE WHEN booking_date <= %(last)s THEN greatest(booking_date, %(first)s) ELSE high END
        AS day
    FROM span JOIN ledger_transaction booked USING (account_id, currency)
    WHERE booking_date > low AND booking_date <= high
    AND user_id = %(owner)s AND status = 'posted' AND removal IS NULL
    GROUP BY span.account_id, span.currency, day
), point AS (
    SELECT account_id, currency, day, sum(moved) AS moved, max(stated) AS stated,
        bool_or(wanted) AS wanted
    FROM (
        SELECT account_id, currency, day, amount AS moved, NULL AS stated, false AS wanted
        FROM moved
        UNION ALL SELECT account_id, currency, known, 0, amount, false FROM anchor
        UNION ALL SELECT account_id, currency, day, 0, NULL, true FROM span CROSS JOIN days
    ) every GROUP BY account_id, currency, day
), running AS (
    SELECT *, sum(moved) OVER until AS total, count(stated) OVER until AS number
    FROM point WINDOW until AS (PARTITION BY account_id, currency ORDER BY day)
), rolled AS (
    SELECT day, currency, wanted, total + max(stated - total) OVER (
        PARTITION BY account_id, currency, greatest(number, 1)
    ) AS amount FROM running
), cash AS (
    SELECT day, currency, sum(amount) AS amount FROM rolled WHERE wanted GROUP BY day, currency
)"""
# Positions are added up before they are joined: a table that has just grown is taken for a small
# one. "IS TRUE" keeps the server from joining them earlier.
_HELD = """
told AS (
    SELECT DISTINCT ON (account_id, holdings_day) statement.id, account_id, holdings_day AS day
    FROM ledger_statement statement JOIN ledger_import source ON source.id = statement.import_id
    WHERE statement.user_id = %(owner)s AND source.undone_at IS NULL AND holdings_day <= %(last)s
    ORDER BY account_id, holdings_day, statement.created_at DESC, statement.id DESC
), listed AS (
    SELECT id, day AS since, coalesce(lead(day) OVER later, 'infinity') AS until
    FROM told WINDOW later AS (PARTITION BY account_id ORDER BY day)
), wanted AS MATERIALIZED (
    SELECT * FROM listed WHERE until > %(first)s
), added AS MATERIALIZED (
    SELECT statement_id, currency,
        count(*) FILTER (WHERE value IS NULL AND price IS NULL) AS none,
        coalesce(sum(coalesce(value, round(price * quantity, 10))), 0) AS amount
    FROM ledger_holding
    WHERE user_id = %(owner)s AND (statement_id IN (SELECT id FROM wanted)) IS TRUE
    GROUP BY statement_id, currency
), valued AS (
    SELECT since, until, currency, none, amount
    FROM wanted JOIN added ON added.statement_id = wanted.id
), held AS (
    SELECT day, currency, amount, none
    FROM valued JOIN days ON day >= since AND day < until
)"""
_WORTH = f"""
WITH {_DAYS}, {_ANCHORS}, {_CASH}, {_HELD}
SELECT day, currency, sum(cash), sum(holdings), sum(unvalued) FROM (
    SELECT day, currency, amount AS cash, 0 AS holdings, 0 AS unvalued FROM cash
    UNION ALL SELECT day, currency, 0, amount, none FROM held
) part GROUP BY day, currency ORDER BY day, currency
"""  # noqa: S608
_UNKNOWN = """
SELECT account.id FROM ledger_account account
WHERE user_id = %(owner)s AND NOT EXISTS (
    SELECT FROM ledger_balance b JOIN ledger_import source ON source.id = b.import_id
    WHERE b.account_id = account.id AND source.undone_at IS NULL
    AND (b.kind = 'booked' OR (b.kind = 'available' AND account.kind = 'investment'))
) AND NOT EXISTS (
    SELECT FROM ledger_statement told JOIN ledger_import source ON source.id = told.import_id
    WHERE told.account_id = account.id AND source.undone_at IS NULL AND holdings_day <= %(last)s
) ORDER BY account.id
"""


class DjangoNetWorthRepository:
    """`NetWorthRepository` in two statements, however many days and accounts there are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def over(self, period: Period, *, owner: UserId) -> Result[NetWorth, Never]:
        given: dict[str, UUID | date] = {"owner": owner, "first": period.first, "last": period.last}
        with connection.cursor() as cursor:
            cursor.execute(_WORTH, given)
            items = [
                Worth(day=day, currency=currency, cash=cash, holdings=held, unvalued=int(unvalued))
                for day, currency, cash, held, unvalued in cursor.fetchall()
            ]
            cursor.execute(_UNKNOWN, given)
            unknown = [AccountId(account) for (account,) in cursor.fetchall()]
        return Success(NetWorth(items, unknown))
