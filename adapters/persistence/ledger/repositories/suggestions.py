"""Finding pairs that may be transfers: one statement, over the transactions of some days."""

from django.db import connection

from adapters.persistence.ledger.repositories.legs import LEGS, bounds, pair_of
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfer_lists import TransferCursor, TransfersPage
from domain.ledger.transfers import MOST_DAYS_APART, Suggestion
from domain.shared.ids import UserId

# Ends of a pair, `o` and `i`.
_FIT = f"""
    i.amount = -o.amount AND i.currency = o.currency AND i.account_id <> o.account_id
    AND abs(i.booking_date - o.booking_date) <= {MOST_DAYS_APART}
"""
_NOT_REFUSED = "(o.id, i.id) NOT IN (SELECT outgoing_id, incoming_id FROM refused)"
# standing: what may be an end; twice as many days as ends may be apart around those that are asked
# for, so that what is ambiguous does not depend on where the search ends.
# held: which of these are in a confirmed transfer; that does not count when the other end is gone.
# kinds: what is alike in all that counts, once: thousands that are alike do not meet thousands.
# going: enough outgoing ones for the page; those that have no pair were refused one.
# rivalled: incoming ones of the page that another outgoing one fits too.
_SUGGESTIONS = f"""
WITH refused AS MATERIALIZED (
    SELECT outgoing_id, incoming_id FROM ledger_transfer
    WHERE user_id = %(owner)s AND decision = 'refused'
), standing AS MATERIALIZED (
    SELECT t.id, t.account_id, t.booking_date, t.amount, t.currency
    FROM ledger_account a JOIN ledger_transaction t
        ON t.user_id = a.user_id AND t.account_id = a.id
    WHERE a.user_id = %(owner)s
    AND t.removal IS NULL AND t.status = 'posted' AND t.amount <> 0
    AND t.booking_date BETWEEN %(first)s::date - {2 * MOST_DAYS_APART}
        AND %(last)s::date + {2 * MOST_DAYS_APART}
), held AS MATERIALIZED (
    SELECT d.this, d.other FROM standing JOIN (
        SELECT unnest(ARRAY[outgoing_id, incoming_id]) AS this,
            unnest(ARRAY[incoming_id, outgoing_id]) AS other
        FROM ledger_transfer WHERE user_id = %(owner)s AND decision = 'confirmed'
    ) d ON d.this = standing.id
), free AS MATERIALIZED (
    SELECT * FROM standing WHERE id NOT IN (
        SELECT this FROM held
        WHERE (
            SELECT removal FROM ledger_transaction t
            WHERE t.user_id = %(owner)s AND t.id = held.other
        ) IS NULL
    )
), kinds AS MATERIALIZED (
    SELECT DISTINCT account_id, booking_date, amount, currency FROM free
), going AS MATERIALIZED (
    SELECT * FROM free o
    WHERE amount < 0 AND booking_date BETWEEN %(first)s AND %(last)s
    AND (%(day)s::date IS NULL OR (booking_date, id) <= (%(day)s, %(outgoing)s))
    AND EXISTS (SELECT FROM kinds i WHERE {_FIT})
    ORDER BY booking_date DESC, id DESC LIMIT %(limit)s + 1 + (SELECT count(*) FROM refused)
), pair AS (
    SELECT o.booking_date AS day, o.id AS outgoing_id, i.id AS incoming_id,
        abs(i.booking_date - o.booking_date) AS days, count(*) OVER (PARTITION BY o.id) AS choices
    FROM going o JOIN free i ON {_FIT} AND {_NOT_REFUSED}
), page AS (
    SELECT * FROM pair
    WHERE %(day)s::date IS NULL OR outgoing_id <> %(outgoing)s
        OR (days, incoming_id) > (%(days)s, %(incoming)s)
    ORDER BY day DESC, outgoing_id DESC, days, incoming_id LIMIT %(limit)s
), rivalled AS MATERIALIZED (
    SELECT DISTINCT i.id FROM page JOIN free i ON i.id = page.incoming_id
    JOIN free o ON o.id <> page.outgoing_id AND {_FIT} AND {_NOT_REFUSED}
)
SELECT choices > 1 OR rivalled.id IS NOT NULL, {LEGS}
FROM page JOIN ledger_transaction o ON o.user_id = %(owner)s AND o.id = outgoing_id
JOIN ledger_transaction i ON i.user_id = %(owner)s AND i.id = incoming_id
LEFT JOIN rivalled ON rivalled.id = incoming_id
ORDER BY day DESC, outgoing_id DESC, days, incoming_id
"""  # noqa: S608


def suggestions(
    owner: UserId, period: SearchWindow, after: TransferCursor | None, limit: int
) -> TransfersPage:
    with connection.cursor() as cursor:
        cursor.execute(_SUGGESTIONS, {"owner": owner, **bounds(period, after, limit)})
        found = [Suggestion(pair_of(legs), ambiguous) for ambiguous, *legs in cursor]
    return TransfersPage.of(found, limit)
