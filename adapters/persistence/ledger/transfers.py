"""Transfers: pairs of transactions suggested and decided about."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Never

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.models import TransactionModel, TransferModel
from domain.ledger.entities import Leg
from domain.ledger.errors import AlreadyTransferred, TransactionNotFound, TransferNotFound
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import (
    MOST_DAYS_APART,
    Pair,
    Suggestion,
    Transfer,
    TransferCursor,
    TransferDecision,
    TransfersPage,
)
from domain.shared.ids import AccountId, TransactionId, TransferId, UserId
from domain.shared.money import Money
from domain.shared.result import Failure, Result, Success

#: The columns of a transaction that make a leg.
LEG_COLUMNS = ("id", "account_id", "booking_date", "amount", "currency", "status", "description")
#: The columns of both legs, which queries call `o` and `i`.
_LEGS = ", ".join(f"{end}.{column}" for end in ("o", "i") for column in LEG_COLUMNS)


def _pair_of(columns: Sequence[Any]) -> Pair:
    """Return the pair whose legs have these columns."""
    return Pair(leg_of(columns[: len(LEG_COLUMNS)]), leg_of(columns[len(LEG_COLUMNS) :]))


def leg_of(columns: Sequence[Any]) -> Leg:
    """Return the leg with these columns."""
    transaction_id, account_id, day, amount, currency, status, description = columns
    return Leg(
        transaction_id=TransactionId(transaction_id),
        account_id=AccountId(account_id),
        booking_date=day,
        amount=Money(amount, currency),
        pending=status == "pending",
        description=description,
    )


def _bounds(period: SearchWindow, after: TransferCursor | None, limit: int) -> dict[str, Any]:
    """Return the parameters of a page: one more pair than `limit` shows that there are more."""
    return {
        "first": period.first,
        "last": period.last,
        "day": after.day if after else None,
        "outgoing": after.outgoing_id if after else None,
        "days": after.days_apart if after else None,
        "incoming": after.incoming_id if after else None,
        "limit": limit + 1,
    }


_NEWEST = """
SELECT max(newest.booking_date) FROM ledger_account a CROSS JOIN LATERAL (
    SELECT booking_date FROM ledger_transaction t
    WHERE t.account_id = a.id AND t.user_id = %(owner)s
    AND t.removal IS NULL AND t.status = 'posted'
    ORDER BY booking_date DESC LIMIT 1
) newest WHERE a.user_id = %(owner)s
"""
_DECIDED = f"""
SELECT d.id, d.user_id, d.decision, d.decided_at, d.outgoing_amount, d.incoming_amount, {_LEGS}
FROM ledger_transfer d
JOIN ledger_transaction o ON o.user_id = d.user_id AND o.id = d.outgoing_id
JOIN ledger_transaction i ON i.user_id = d.user_id AND i.id = d.incoming_id
WHERE d.user_id = %(owner)s AND o.removal IS NULL AND i.removal IS NULL
"""  # noqa: S608
_ONE = f"{_DECIDED} AND d.id = %(id)s"
_OF_PAIR = f"{_DECIDED} AND d.outgoing_id = %(outgoing)s AND d.incoming_id = %(incoming)s"
_PAGE = f"""{_DECIDED} AND d.decision = %(decision)s
AND o.booking_date BETWEEN coalesce(%(first)s::date, '-infinity')
    AND coalesce(%(last)s::date, 'infinity')
AND (%(day)s::date IS NULL OR (o.booking_date, o.id) < (%(day)s, %(outgoing)s) OR (
    o.id = %(outgoing)s
    AND (abs(i.booking_date - o.booking_date), i.id) > (%(days)s, %(incoming)s)
))
ORDER BY o.booking_date DESC, o.id DESC, abs(i.booking_date - o.booking_date), i.id
LIMIT %(limit)s
"""


class DjangoTransferRepository(UsesDatabase):
    """`TransferRepository` on PostgreSQL."""

    @in_database
    def newest_booking(self, *, owner: UserId) -> Result[date | None, Never]:
        ((newest,),) = _rows(_NEWEST, owner=owner)
        return Success(newest)

    @in_database
    def suggestions(
        self, *, owner: UserId, period: SearchWindow, after: TransferCursor | None, limit: int
    ) -> Result[TransfersPage, Never]:
        return Success(_suggestions(owner, period, after, limit))

    @in_database
    def decided(
        self,
        decision: TransferDecision,
        *,
        owner: UserId,
        period: SearchWindow,
        after: TransferCursor | None,
        limit: int,
    ) -> Result[TransfersPage, Never]:
        wanted = {"owner": owner, "decision": decision.value, **_bounds(period, after, limit)}
        return Success(TransfersPage.of([_entity(row) for row in _rows(_PAGE, **wanted)], limit))

    @in_database
    def get(self, transfer_id: TransferId, *, owner: UserId) -> Result[Transfer, TransferNotFound]:
        for row in _rows(_ONE, owner=owner, id=transfer_id):
            return Success(_entity(row))
        return Failure(TransferNotFound())

    @in_database
    def lock_pair(
        self, outgoing_id: TransactionId, incoming_id: TransactionId, *, owner: UserId
    ) -> Result[Pair, TransactionNotFound]:
        wanted = TransactionModel.objects.filter(
            id__in=[outgoing_id, incoming_id], user_id=owner, removal__isnull=True
        )
        # Locked in one order, so that two requests for the same pair cannot deadlock.
        legs = {row.id: _leg(row) for row in wanted.order_by("id").select_for_update(no_key=True)}
        if not {outgoing_id, incoming_id} <= legs.keys():
            return Failure(TransactionNotFound())
        return Success(Pair(legs[outgoing_id], legs[incoming_id]))

    @in_database
    def find(self, pair: Pair, *, owner: UserId) -> Result[Transfer | None, Never]:
        found = [_entity(row) for row in _rows(_OF_PAIR, owner=owner, **_ids_of(pair))]
        return Success(found[0] if found else None)

    @in_database
    def upsert(self, transfer: Transfer) -> Result[Sequence[TransferId], AlreadyTransferred]:
        return _upsert(transfer)

    @in_database
    def withdraw(self, transfer: Transfer) -> Result[None, TransferNotFound]:
        rows = TransferModel.objects.filter(id=transfer.id, user_id=transfer.user_id)
        deleted, _ = rows.delete()
        return Success(None) if deleted else Failure(TransferNotFound())


def _entity(row: Sequence[Any]) -> Transfer:
    transfer_id, user_id, decision, decided_at, outgoing_amount, incoming_amount, *legs = row
    return Transfer(
        id=TransferId(transfer_id),
        user_id=UserId(user_id),
        pair=_pair_of(legs),
        decision=TransferDecision(decision),
        decided_at=decided_at,
        outgoing_amount=outgoing_amount,
        incoming_amount=incoming_amount,
    )


def _leg(row: TransactionModel) -> Leg:
    return Leg(
        transaction_id=TransactionId(row.id),
        account_id=AccountId(row.account_id),
        booking_date=row.booking_date,
        amount=Money(row.amount, row.currency),
        pending=row.status == "pending",
        description=row.description,
    )


# Other confirmed transfers of either leg.
_OTHER_TRANSFERS = """
FROM ledger_transfer d WHERE d.user_id = %(owner)s AND d.decision = 'confirmed'
AND (d.outgoing_id IN (%(outgoing)s, %(incoming)s) OR d.incoming_id IN (%(outgoing)s, %(incoming)s))
AND (d.outgoing_id, d.incoming_id) <> (%(outgoing)s, %(incoming)s)
"""
_DISPLACE = f"""
DELETE {_OTHER_TRANSFERS} AND EXISTS (
    SELECT FROM ledger_transaction t
    WHERE t.user_id = %(owner)s AND t.id IN (d.outgoing_id, d.incoming_id)
    AND t.removal IS NOT NULL
) RETURNING d.id
"""
_IS_TAKEN = f"SELECT EXISTS (SELECT {_OTHER_TRANSFERS})"
_UPSERT = """
INSERT INTO ledger_transfer (
    id, user_id, outgoing_id, incoming_id, decision, decided_at, outgoing_amount, incoming_amount
)
VALUES (
    %(id)s, %(owner)s, %(outgoing)s, %(incoming)s, %(decision)s, %(decided_at)s,
    %(outgoing_amount)s, %(incoming_amount)s
)
ON CONFLICT ON CONSTRAINT ledger_transfer_pair
DO UPDATE SET decision = excluded.decision, decided_at = excluded.decided_at,
    outgoing_amount = excluded.outgoing_amount, incoming_amount = excluded.incoming_amount
"""


def _upsert(transfer: Transfer) -> Result[Sequence[TransferId], AlreadyTransferred]:
    displaced: list[TransferId] = []
    whose = {"owner": transfer.user_id, **_ids_of(transfer.pair)}
    if transfer.decision is TransferDecision.CONFIRMED:
        displaced = [TransferId(each) for (each,) in _rows(_DISPLACE, **whose)]
        if _rows(_IS_TAKEN, **whose) == [(True,)]:
            return Failure(
                AlreadyTransferred("One of the two transactions is already part of a transfer.")
            )
    decided = {
        "decision": transfer.decision.value,
        "decided_at": transfer.decided_at,
        "outgoing_amount": transfer.outgoing_amount,
        "incoming_amount": transfer.incoming_amount,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, {"id": transfer.id, **whose, **decided})
    return Success(displaced)


def _ids_of(pair: Pair) -> dict[str, TransactionId]:
    return {
        "outgoing": pair.outgoing.transaction_id,
        "incoming": pair.incoming.transaction_id,
    }


def _rows(sql: str, **parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Any] = cursor.fetchall()
        return found


# The legs of a pair, `o` and `i`.
_FIT = f"""
    i.amount = -o.amount AND i.currency = o.currency AND i.account_id <> o.account_id
    AND abs(i.booking_date - o.booking_date) <= {MOST_DAYS_APART}
"""
_NOT_REFUSED = "(o.id, i.id) NOT IN (SELECT outgoing_id, incoming_id FROM refused)"
# active: transactions that may be a leg, from a period that is longer by twice the days two legs
# may be apart, so that ambiguity does not depend on where the search ends.
# confirmed: those in a confirmed transfer; free: those that are not, or whose other leg is removed.
# kinds: equal transactions once, so that thousands of them are not joined with thousands.
# outgoing_leg: enough for the page, and as many more as may lose their only pair to a refusal.
# rivalled: incoming legs of the page that fit another outgoing one too.
_SUGGESTIONS = f"""
WITH refused AS MATERIALIZED (
    SELECT outgoing_id, incoming_id FROM ledger_transfer
    WHERE user_id = %(owner)s AND decision = 'refused'
), active AS MATERIALIZED (
    SELECT t.id, t.account_id, t.booking_date, t.amount, t.currency
    FROM ledger_account a JOIN ledger_transaction t
        ON t.user_id = a.user_id AND t.account_id = a.id
    WHERE a.user_id = %(owner)s
    AND t.removal IS NULL AND t.status = 'posted' AND t.amount <> 0
    AND t.booking_date BETWEEN %(first)s::date - {2 * MOST_DAYS_APART}
        AND %(last)s::date + {2 * MOST_DAYS_APART}
), confirmed AS MATERIALIZED (
    SELECT d.this, d.other FROM active JOIN (
        SELECT unnest(ARRAY[outgoing_id, incoming_id]) AS this,
            unnest(ARRAY[incoming_id, outgoing_id]) AS other
        FROM ledger_transfer WHERE user_id = %(owner)s AND decision = 'confirmed'
    ) d ON d.this = active.id
), free AS MATERIALIZED (
    SELECT * FROM active WHERE id NOT IN (
        SELECT this FROM confirmed
        WHERE (
            SELECT removal FROM ledger_transaction t
            WHERE t.user_id = %(owner)s AND t.id = confirmed.other
        ) IS NULL
    )
), kinds AS MATERIALIZED (
    SELECT DISTINCT account_id, booking_date, amount, currency FROM free
), outgoing_leg AS MATERIALIZED (
    SELECT * FROM free o
    WHERE amount < 0 AND booking_date BETWEEN %(first)s AND %(last)s
    AND (%(day)s::date IS NULL OR (booking_date, id) <= (%(day)s, %(outgoing)s))
    AND EXISTS (SELECT FROM kinds i WHERE {_FIT})
    ORDER BY booking_date DESC, id DESC LIMIT %(limit)s + 1 + (SELECT count(*) FROM refused)
), pair AS (
    SELECT o.booking_date AS day, o.id AS outgoing_id, i.id AS incoming_id,
        abs(i.booking_date - o.booking_date) AS days, count(*) OVER (PARTITION BY o.id) AS choices
    FROM outgoing_leg o JOIN free i ON {_FIT} AND {_NOT_REFUSED}
), page AS (
    SELECT * FROM pair
    WHERE %(day)s::date IS NULL OR outgoing_id <> %(outgoing)s
        OR (days, incoming_id) > (%(days)s, %(incoming)s)
    ORDER BY day DESC, outgoing_id DESC, days, incoming_id LIMIT %(limit)s
), rivalled AS MATERIALIZED (
    SELECT DISTINCT i.id FROM page JOIN free i ON i.id = page.incoming_id
    JOIN free o ON o.id <> page.outgoing_id AND {_FIT} AND {_NOT_REFUSED}
)
SELECT choices > 1 OR rivalled.id IS NOT NULL, {_LEGS}
FROM page JOIN ledger_transaction o ON o.user_id = %(owner)s AND o.id = outgoing_id
JOIN ledger_transaction i ON i.user_id = %(owner)s AND i.id = incoming_id
LEFT JOIN rivalled ON rivalled.id = incoming_id
ORDER BY day DESC, outgoing_id DESC, days, incoming_id
"""  # noqa: S608


def _suggestions(
    owner: UserId, period: SearchWindow, after: TransferCursor | None, limit: int
) -> TransfersPage:
    with connection.cursor() as cursor:
        cursor.execute(_SUGGESTIONS, {"owner": owner, **_bounds(period, after, limit)})
        found = [Suggestion(_pair_of(legs), ambiguous) for ambiguous, *legs in cursor]
    return TransfersPage.of(found, limit)
