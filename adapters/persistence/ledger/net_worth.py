"""Net worth, computed by the database."""

from datetime import date
from typing import Never
from uuid import UUID

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from domain.ledger.net_worth import NetWorth, NetWorthRange, Worth
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Result, Success

# The balance of each account, currency and day that was recorded last. An anchor is a balance from
# which days are computed: forwards, and before the first one backwards.
_ANCHORS = """
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
            AND later.closing <> b.amount AND source.undone_at IS NULL
        ) AS is_passed,
        bool_or(b.kind = 'booked') OVER (PARTITION BY b.account_id, b.currency) AS has_booked
    FROM ledger_balance b JOIN ledger_import source
        ON source.user_id = b.user_id AND source.id = b.import_id
    WHERE b.user_id = %(owner)s AND source.undone_at IS NULL AND b.kind IN ('booked', 'available')
), balance AS (
    SELECT DISTINCT ON (stated.account_id, stated.currency, day)
        stated.account_id, stated.currency, day, amount
    FROM stated JOIN ledger_account account
        ON account.user_id = %(owner)s AND account.id = stated.account_id
    WHERE stated.kind = 'booked' OR (account.kind = 'investment' AND NOT has_booked)
    ORDER BY stated.account_id, stated.currency, day, is_passed, stated.created_at DESC,
        stated.id DESC
), anchor AS MATERIALIZED (
    SELECT * FROM (
        SELECT account_id, currency, day AS known, amount,
            CASE WHEN lag(day) OVER other IS NULL THEN '-infinity' ELSE day END AS since,
            coalesce(lead(day) OVER other, 'infinity') AS until
        FROM balance WINDOW other AS (PARTITION BY account_id, currency ORDER BY day)
    ) every WHERE since <= %(last)s AND until > %(first)s
)"""
# `total` is the sum of bookings up to a day, from the first day that matters; `number` counts the
# anchors until then. The difference between an anchor and its day's total is added on all its days.
# Before the first day and after the last one there is at most one anchor, so bookings there need no
# days. Days without a change are not computed: `cash` is the change of each day, and of the first
# day the whole amount. `parts` counts the accounts in a sum.
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
    SELECT account_id, currency, day, total + max(stated - total) OVER (
        PARTITION BY account_id, currency, greatest(number, 1)
    ) AS amount FROM running
), cash AS (
    SELECT day, currency, amount - coalesce(lag(amount) OVER before, 0) AS amount,
        CASE WHEN day = %(first)s THEN 1 ELSE 0 END AS parts
    FROM rolled WHERE day BETWEEN %(first)s AND %(last)s
    WINDOW before AS (PARTITION BY account_id, currency ORDER BY day)
)"""
# Holdings are added up before they are joined: the planner takes a table that has just grown for a
# small one. "IS TRUE" keeps it from joining them earlier.
_HELD = """
told AS (
    SELECT DISTINCT ON (account_id, holdings_day) statement.id, account_id, holdings_day AS day
    FROM ledger_statement statement JOIN ledger_import source
        ON source.user_id = statement.user_id AND source.id = statement.import_id
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
), held AS (
    SELECT moment.day, currency, sign * amount AS amount, sign * none AS none, sign AS parts
    FROM wanted JOIN added ON added.statement_id = wanted.id CROSS JOIN LATERAL (
        VALUES (greatest(since, %(first)s), 1), (until, -1)
    ) moment (day, sign)
    WHERE moment.day <= %(last)s
)"""
_WORTH = f"""
WITH {_ANCHORS}, {_CASH}, {_HELD}, changed AS (
    SELECT day, currency, sum(cash) AS cash, sum(holdings) AS holdings, sum(none) AS none,
        sum(parts) AS parts
    FROM (
        SELECT day, currency, amount AS cash, 0 AS holdings, 0 AS none, parts FROM cash
        UNION ALL SELECT day, currency, 0, amount, none, parts FROM held
    ) every GROUP BY day, currency
)
SELECT * FROM (
    SELECT day, currency, sum(cash) OVER until, sum(holdings) OVER until, sum(none) OVER until,
        sum(parts) OVER until AS parts
    FROM (SELECT DISTINCT currency FROM changed) known
    CROSS JOIN (SELECT generate_series(%(first)s::date, %(last)s::date, '1 day')::date AS day) days
    LEFT JOIN changed USING (day, currency)
    WINDOW until AS (PARTITION BY currency ORDER BY day)
) told WHERE parts > 0 ORDER BY day, currency
"""  # noqa: S608
_UNKNOWN = """
SELECT account.id FROM ledger_account account
WHERE user_id = %(owner)s AND removal IS NULL AND NOT EXISTS (
    SELECT FROM ledger_balance b JOIN ledger_import source
        ON source.user_id = b.user_id AND source.id = b.import_id
    WHERE b.user_id = %(owner)s AND b.account_id = account.id AND source.undone_at IS NULL
    AND (b.kind = 'booked' OR (b.kind = 'available' AND account.kind = 'investment'))
) AND NOT EXISTS (
    SELECT FROM ledger_statement told JOIN ledger_import source
        ON source.user_id = told.user_id AND source.id = told.import_id
    WHERE told.user_id = %(owner)s AND told.account_id = account.id
    AND source.undone_at IS NULL AND holdings_day <= %(last)s
) ORDER BY account.id
"""


class DjangoNetWorthRepository(UsesDatabase):
    """`NetWorthRepository` in two statements, however many days and accounts there are."""

    @in_database
    def by_day(self, period: NetWorthRange, *, owner: UserId) -> Result[NetWorth, Never]:
        given: dict[str, UUID | date] = {"owner": owner, "first": period.first, "last": period.last}
        with connection.cursor() as cursor:
            cursor.execute(_WORTH, given)
            items = [
                Worth(day=day, currency=currency, cash=cash, holdings=held, unvalued=int(unvalued))
                for day, currency, cash, held, unvalued, _ in cursor.fetchall()
            ]
            cursor.execute(_UNKNOWN, given)
            unknown = [AccountId(account) for (account,) in cursor.fetchall()]
        return Success(NetWorth(items, unknown))
