"""Keeping decisions about pairs, whose ends nobody else decides about at the time."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from domain.ledger.errors import AlreadyTransferred
from domain.ledger.transfers import Pair, Transfer, TransferDecision
from domain.shared.ids import TransactionId, TransferId
from domain.shared.result import Failure, Result, Success

# Confirmed transfers of an end of this pair.
_OTHERS = """
FROM ledger_transfer d WHERE d.user_id = %(owner)s AND d.decision = 'confirmed'
AND (d.outgoing_id IN (%(outgoing)s, %(incoming)s) OR d.incoming_id IN (%(outgoing)s, %(incoming)s))
AND (d.outgoing_id, d.incoming_id) <> (%(outgoing)s, %(incoming)s)
"""
_DISPLACE = f"""
DELETE {_OTHERS} AND EXISTS (
    SELECT FROM ledger_transaction t
    WHERE t.user_id = %(owner)s AND t.id IN (d.outgoing_id, d.incoming_id)
    AND t.removal IS NOT NULL
) RETURNING d.id
"""
_IS_TAKEN = f"SELECT EXISTS (SELECT {_OTHERS})"
_KEEP = """
INSERT INTO ledger_transfer (id, user_id, outgoing_id, incoming_id, decision, decided_at)
VALUES (%(id)s, %(owner)s, %(outgoing)s, %(incoming)s, %(decision)s, %(decided_at)s)
ON CONFLICT ON CONSTRAINT ledger_transfer_pair
DO UPDATE SET decision = excluded.decision, decided_at = excluded.decided_at
"""


def keep(transfer: Transfer) -> Result[Sequence[TransferId], AlreadyTransferred]:
    displaced: list[TransferId] = []
    whose = {"owner": transfer.user_id, **ids_of(transfer.pair)}
    if transfer.decision is TransferDecision.CONFIRMED:
        displaced = [TransferId(each) for (each,) in rows_of(_DISPLACE, **whose)]
        if rows_of(_IS_TAKEN, **whose) == [(True,)]:
            return Failure(
                AlreadyTransferred("One of the two transactions is already part of a transfer.")
            )
    told = {"decision": transfer.decision.value, "decided_at": transfer.decided_at}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"id": transfer.id, **whose, **told})
    return Success(displaced)


def ids_of(pair: Pair) -> dict[str, TransactionId]:
    return {
        "outgoing": pair.outgoing.transaction_id,
        "incoming": pair.incoming.transaction_id,
    }


def rows_of(sql: str, **parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Any] = cursor.fetchall()
        return found
