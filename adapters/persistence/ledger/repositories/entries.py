"""Writing what statements say, many rows at a time."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from adapters.persistence.ledger.repositories.columns import array_of, column_of, rows_of, texts_of
from adapters.persistence.ledger.repositories.evidence import batches
from adapters.persistence.ledger.repositories.securities import (
    Securities,
    keep_securities,
    named,
)
from domain.ledger.entities import ImportedRow, Transaction
from domain.shared.ids import ImportId, UserId

# What a row of a statement states, and of which types these are.
_STATED = {
    "fingerprint": "bytea",
    "occurrence": "int",
    "provider_id": "text",
    "booking_date": "date",
    "value_date": "date",
    "amount": "numeric",
    "currency": "text",
    "kind": "text",
    "status": "text",
    "description": "text",
    "original_currency": "text",
    "exchange_rate": "numeric",
    "line": "int",
    "raw": "jsonb",
    "security_id": "uuid",
    "quantity": "numeric",
    "unit_price": "numeric",
}
_OF = {"id": "uuid", "user_id": "uuid", "account_id": "uuid", "import_id": "uuid"}
_STATED_NAMES = ", ".join(_STATED)


WHOLE = {**_OF, **_STATED}
_WHOLE_NAMES = ", ".join(WHOLE)
_SEEN = {
    "user_id": "uuid",
    "import_id": "uuid",
    "transaction_id": "uuid",
    "fingerprint": "bytea",
    "occurrence": "int",
    "verdict": "text",
    "place": "int",
    "line": "int",
}
_SEEN_NAMES = ", ".join(_SEEN)

_NEW = f"WITH new AS {rows_of(WHOLE)}"
_ADD = f"INSERT INTO ledger_transaction ({_WHOLE_NAMES}) {rows_of(WHOLE)}"
# A stage that was left behind by what is undone goes where it is known now.
_MOVE_STAGE = f"""
ON CONFLICT ON CONSTRAINT ledger_stage_identity DO UPDATE SET
    transaction_id = excluded.transaction_id,
    {", ".join(f"{name} = excluded.{name}" for name in _STATED)}
"""
# What a transaction said before is a stage of it, and what it says now is none any more.
_KEEP_STAGES = f"""{_NEW}
INSERT INTO ledger_stage (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), t.id, t.user_id, t.account_id,
    {", ".join(f"t.{name}" for name in _STATED)}
FROM new JOIN ledger_transaction t USING (id, user_id)
WHERE (t.fingerprint, t.occurrence) <> (new.fingerprint, new.occurrence)
{_MOVE_STAGE}"""  # noqa: S608
_FORGET_STAGES = f"""{_NEW}
DELETE FROM ledger_stage s USING new
WHERE s.account_id = new.account_id
AND (s.fingerprint, s.occurrence) = (new.fingerprint, new.occurrence)
"""  # noqa: S608
_RESTATE = f"""{_NEW}
UPDATE ledger_transaction t SET import_id = new.import_id, removal = nullif(t.removal, 'undone'),
    {", ".join(f"{name} = new.{name}" for name in _STATED)}
FROM new WHERE t.id = new.id AND t.user_id = new.user_id
"""  # noqa: S608
_ADD_STAGES = f"""{_NEW}
INSERT INTO ledger_stage (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), id, user_id, account_id, {_STATED_NAMES} FROM new
{_MOVE_STAGE}"""  # noqa: S608

_SEE = f"""
INSERT INTO ledger_sighting (id, {_SEEN_NAMES})
SELECT uuidv7(), {_SEEN_NAMES} FROM {rows_of(_SEEN)} AS new
"""  # noqa: S608

_FORGET_SIGHTINGS = """
UPDATE ledger_sighting SET undone = true WHERE import_id = %s AND user_id = %s AND NOT undone
"""
# What no import that is left states in the form it has now, and the stage it falls back to. Asked
# of each by itself: joined, a table that has just grown is taken for a small one.
_LOST = """
SELECT t.id, (
    SELECT g.id FROM ledger_stage g JOIN ledger_sighting s
        ON s.transaction_id = g.transaction_id AND NOT s.undone
        AND (s.fingerprint, s.occurrence) = (g.fingerprint, g.occurrence)
    WHERE g.transaction_id = t.id
    ORDER BY g.status = 'posted' DESC, g.booking_date, g.id LIMIT 1
) AS stage
FROM (
    SELECT DISTINCT transaction_id AS id FROM ledger_sighting WHERE import_id = %s AND user_id = %s
) AS mine
CROSS JOIN LATERAL (
    SELECT id, fingerprint, occurrence, removal FROM ledger_transaction WHERE id = mine.id OFFSET 0
) AS t
WHERE t.removal IS NULL AND (
    SELECT count(*) FROM ledger_sighting s WHERE s.transaction_id = t.id AND NOT s.undone
    AND (s.fingerprint, s.occurrence) = (t.fingerprint, t.occurrence)
) = 0
"""
_THESE = f"id = ANY({array_of('uuid')}) AND user_id = %s"
_REMOVE = f"""
UPDATE ledger_transaction SET removal = 'undone' WHERE {_THESE} AND removal IS NULL
"""  # noqa: S608
_STAGE_LOST = f"""
INSERT INTO ledger_stage (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), id, user_id, account_id, {_STATED_NAMES} FROM ledger_transaction WHERE {_THESE}
"""  # noqa: S608
_FALL_BACK = f"""
UPDATE ledger_transaction t SET {", ".join(f"{name} = g.{name}" for name in _STATED)}
FROM ledger_stage g WHERE g.{_THESE.replace("user_id", "g.user_id")} AND t.id = g.transaction_id
"""  # noqa: S608
_FORGET_REACHED = f"DELETE FROM ledger_stage WHERE {_THESE}"  # noqa: S608
# What others state too is from now on what the first of them states.
_HAND_OVER = """
UPDATE ledger_transaction t SET (import_id, line) = (
    SELECT s.import_id, s.line FROM ledger_sighting s WHERE s.transaction_id = t.id AND NOT s.undone
    AND (s.fingerprint, s.occurrence) = (t.fingerprint, t.occurrence)
    ORDER BY s.import_id LIMIT 1
)
WHERE t.import_id = %s AND t.user_id = %s AND t.removal IS NULL
"""


def add(transactions: Sequence[Transaction]) -> None:
    _run([_ADD], transactions)


def update_from_import(transactions: Sequence[Transaction]) -> None:
    _run([_KEEP_STAGES, _FORGET_STAGES, _RESTATE], transactions)


def add_prior_states(transactions: Sequence[Transaction]) -> None:
    _run([_ADD_STAGES], transactions)


def record_rows(imported_rows: Sequence[ImportedRow]) -> None:
    with connection.cursor() as cursor:
        for some in batches(imported_rows):
            cursor.execute(_SEE, texts_of(_SEEN, [_sighting(each) for each in some]))


def undo(import_id: ImportId, owner: UserId) -> tuple[int, int]:
    """Undo the rows of an import; return how many transactions went and how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_SIGHTINGS, [import_id, owner])
        cursor.execute(_LOST, [import_id, owner])
        lost = cursor.fetchall()
        removed = [lost_id for lost_id, stage in lost if stage is None]
        restored = [lost_id for lost_id, stage in lost if stage is not None]
        stages = [stage for _, stage in lost if stage is not None]
        for statement, ids in (
            (_REMOVE, removed),
            (_STAGE_LOST, restored),
            (_FALL_BACK, stages),
            (_FORGET_REACHED, stages),
        ):
            cursor.execute(statement, [column_of("uuid", ids), owner])
        cursor.execute(_HAND_OVER, [import_id, owner])
    return len(removed), len(restored)


def _securities_of(transactions: Sequence[Transaction]) -> Securities:
    traded = [each.trade.security for each in transactions if each.trade]
    return keep_securities(transactions[0].user_id, traded) if traded else {}


def _run(statements: Sequence[str], transactions: Sequence[Transaction]) -> None:
    securities = _securities_of(transactions)
    with connection.cursor() as cursor:
        for some in batches(transactions):
            texts = texts_of(WHOLE, [stated(each, securities) for each in some])
            for statement in statements:
                cursor.execute(statement, texts)


def stated(transaction: Transaction, securities: Securities) -> tuple[Any, ...]:
    """Return the values of `WHOLE`, in order."""
    trade = transaction.trade
    return (
        transaction.id,
        transaction.user_id,
        transaction.account_id,
        transaction.import_id,
        transaction.key.fingerprint,
        transaction.key.occurrence,
        transaction.provider_id,
        transaction.booking_date,
        transaction.value_date,
        transaction.amount.amount,
        transaction.amount.currency,
        transaction.kind,
        transaction.status,
        transaction.description,
        transaction.original_currency,
        transaction.exchange_rate,
        transaction.line,
        json.dumps(dict(transaction.raw)),
        securities[named(trade.security)] if trade else None,
        trade.quantity if trade else None,
        trade.unit_price if trade else None,
    )


def _sighting(sighting: ImportedRow) -> tuple[Any, ...]:
    return (
        sighting.user_id,
        sighting.import_id,
        sighting.transaction_id,
        sighting.key.fingerprint,
        sighting.key.occurrence,
        sighting.verdict,
        sighting.place,
        sighting.line,
    )
