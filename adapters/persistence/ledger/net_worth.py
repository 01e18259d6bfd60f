"""Net worth, computed by the database."""

from datetime import datetime
from typing import Any, Never

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.daily_balances import active_sql, rolled_sql
from domain.ledger.net_worth import NetWorth, NetWorthRange, Worth
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Result, Success

# `cash` is the change of each day, and of the first day the whole amount. `parts` counts the
# accounts in a sum.
_CASH = """
cash AS (
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
    WHERE statement.user_id = %(owner)s AND holdings_day <= %(last)s AND {is_active}
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
_WORTH = """, changed AS (
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
"""
_UNKNOWN = """
, unknown_account AS (
    SELECT account.id FROM ledger_account account
    WHERE user_id = %(owner)s AND removal IS NULL
    AND NOT EXISTS (SELECT FROM balance WHERE balance.account_id = account.id)
    AND NOT EXISTS (SELECT FROM told WHERE told.account_id = account.id)
)
SELECT id, NULL AS currency FROM unknown_account
UNION ALL SELECT account_id, currency FROM unknown
WHERE account_id NOT IN (SELECT id FROM unknown_account)
ORDER BY id, currency
"""


class DjangoNetWorthRepository(UsesDatabase):
    """`NetWorthRepository` in two statements, however many days and accounts there are."""

    @in_database
    def by_day(
        self, period: NetWorthRange, *, owner: UserId, moment: datetime | None = None
    ) -> Result[NetWorth, Never]:
        then = moment is not None
        held = _HELD.format(is_active=active_sql("statement", moment=then))
        tables = f"WITH RECURSIVE {rolled_sql(moment=then)}, {_CASH}, {held}"
        given: dict[str, Any] = {"owner": owner, "moment": moment}
        given |= {"first": period.first, "last": period.last}
        with connection.cursor() as cursor:
            cursor.execute(tables + _WORTH, given)
            items = [
                Worth(day=day, currency=currency, cash=cash, holdings=held, unvalued=int(unvalued))
                for day, currency, cash, held, unvalued, _ in cursor.fetchall()
            ]
            cursor.execute(tables + _UNKNOWN, given)
            unknown = [(AccountId(account), currency) for account, currency in cursor.fetchall()]
        return Success(
            NetWorth(
                items,
                unknown_accounts=[account for account, currency in unknown if currency is None],
                unknown_currencies=tuple(each for each in unknown if each[1]),
            )
        )
