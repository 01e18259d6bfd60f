"""What was decided about pairs of transactions."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Never

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import TransactionModel, TransferModel
from adapters.persistence.ledger.repositories.decisions import ids_of, keep, rows_of
from adapters.persistence.ledger.repositories.legs import LEGS, bounds, pair_of
from adapters.persistence.ledger.repositories.suggestions import suggestions
from domain.ledger.errors import AlreadyTransferred, TransactionNotFound, TransferNotFound
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfer_lists import TransferCursor, TransfersPage
from domain.ledger.transfers import Leg, Pair, Transfer, TransferDecision
from domain.shared.ids import AccountId, TransactionId, TransferId, UserId
from domain.shared.money import Money
from domain.shared.result import Failure, Result, Success

_NEWEST = """
SELECT max(newest.booking_date) FROM ledger_account a CROSS JOIN LATERAL (
    SELECT booking_date FROM ledger_transaction t
    WHERE t.account_id = a.id AND t.user_id = %(owner)s
    AND t.removal IS NULL AND t.status = 'posted'
    ORDER BY booking_date DESC LIMIT 1
) newest WHERE a.user_id = %(owner)s
"""
_DECIDED = f"""
SELECT d.id, d.user_id, d.decision, d.decided_at, {LEGS} FROM ledger_transfer d
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


class DjangoTransferRepository:
    """`TransferRepository` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def newest_booking(self, *, owner: UserId) -> Result[date | None, Never]:
        ((newest,),) = rows_of(_NEWEST, owner=owner)
        return Success(newest)

    @in_database
    def suggestions(
        self, *, owner: UserId, period: SearchWindow, after: TransferCursor | None, limit: int
    ) -> Result[TransfersPage, Never]:
        return Success(suggestions(owner, period, after, limit))

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
        wanted = {"owner": owner, "decision": decision.value, **bounds(period, after, limit)}
        return Success(TransfersPage.of([_entity(row) for row in rows_of(_PAGE, **wanted)], limit))

    @in_database
    def get(self, transfer_id: TransferId, *, owner: UserId) -> Result[Transfer, TransferNotFound]:
        for row in rows_of(_ONE, owner=owner, id=transfer_id):
            return Success(_entity(row))
        return Failure(TransferNotFound("No such transfer."))

    @in_database
    def lock_pair(
        self, outgoing_id: TransactionId, incoming_id: TransactionId, *, owner: UserId
    ) -> Result[Pair, TransactionNotFound]:
        wanted = TransactionModel.objects.filter(
            id__in=[outgoing_id, incoming_id], user_id=owner, removal__isnull=True
        )
        # In one order, so that two who hold pairs do not wait for each other.
        held = {row.id: _leg(row) for row in wanted.order_by("id").select_for_update(no_key=True)}
        if not {outgoing_id, incoming_id} <= held.keys():
            return Failure(TransactionNotFound("No such transaction."))
        return Success(Pair(held[outgoing_id], held[incoming_id]))

    @in_database
    def find(self, pair: Pair, *, owner: UserId) -> Result[Transfer | None, Never]:
        found = [_entity(row) for row in rows_of(_OF_PAIR, owner=owner, **ids_of(pair))]
        return Success(found[0] if found else None)

    @in_database
    def upsert(self, transfer: Transfer) -> Result[Sequence[TransferId], AlreadyTransferred]:
        return keep(transfer)

    @in_database
    def withdraw(self, transfer: Transfer) -> Result[None, TransferNotFound]:
        rows = TransferModel.objects.filter(id=transfer.id, user_id=transfer.user_id)
        forgotten, _ = rows.delete()
        return Success(None) if forgotten else Failure(TransferNotFound("No such transfer."))


def _entity(row: Sequence[Any]) -> Transfer:
    transfer_id, user_id, decision, decided_at, *legs = row
    return Transfer(
        id=TransferId(transfer_id),
        user_id=UserId(user_id),
        pair=pair_of(legs),
        decision=TransferDecision(decision),
        decided_at=decided_at,
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
