"""Writing what statements say, many rows at a time."""

import json
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

from django.db import connection

from adapters.persistence.ledger.models import STATED, ImportedRowModel, TransactionModel
from adapters.persistence.ledger.repositories.columns import (
    array_of,
    column_of,
    rows_of,
    texts_of,
    types_of,
)
from adapters.persistence.ledger.repositories.evidence import batches
from adapters.persistence.ledger.repositories.securities import (
    Securities,
    keep_securities,
    named,
)
from domain.ledger.entities import ImportedRow, Transaction
from domain.shared.ids import ImportId, UserId

#: What is written of a transaction, and of which types that is.
WHOLE = types_of(TransactionModel, ("id", "user_id", "account_id", "import_id", *STATED))
_WHOLE_NAMES = ", ".join(WHOLE)
_STATED_NAMES = ", ".join(STATED)
_SEEN = types_of(
    ImportedRowModel,
    (
        *("user_id", "import_id", "transaction_id", "fingerprint", "occurrence"),
        *("result", "place", "line"),
    ),
)
_SEEN_NAMES = ", ".join(_SEEN)

# Columns whose values the domain has elsewhere than under the column's name: see `stated`.
_OTHERWISE = (
    *("fingerprint", "occurrence", "amount", "currency", "raw"),
    *("security_id", "quantity", "unit_price"),
)
_UNDER_THEIR_NAMES = tuple(name for name in WHOLE if name not in _OTHERWISE)
_under_its_name = attrgetter(*_UNDER_THEIR_NAMES)
_in_order = itemgetter(*((*_OTHERWISE, *_UNDER_THEIR_NAMES).index(name) for name in WHOLE))

_NEW = f"WITH new AS {rows_of(WHOLE)}"
_ADD = f"INSERT INTO ledger_transaction ({_WHOLE_NAMES}) {rows_of(WHOLE)}"
# A stage that was left behind by what is undone goes where it is known now.
_MOVE_STAGE = f"""
ON CONFLICT ON CONSTRAINT ledger_prior_state_key DO UPDATE SET
    transaction_id = excluded.transaction_id,
    {", ".join(f"{name} = excluded.{name}" for name in STATED)}
"""
# What a transaction said before is a stage of it, and what it says now is none any more.
_KEEP_STAGES = f"""{_NEW}
INSERT INTO ledger_prior_state (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), t.id, t.user_id, t.account_id,
    {", ".join(f"t.{name}" for name in STATED)}
FROM new JOIN ledger_transaction t ON t.user_id = %(owner)s AND t.id = new.id
WHERE (t.fingerprint, t.occurrence) <> (new.fingerprint, new.occurrence)
{_MOVE_STAGE}"""  # noqa: S608
_FORGET_STAGES = f"""{_NEW}
DELETE FROM ledger_prior_state s USING new
WHERE s.user_id = %(owner)s AND s.account_id = new.account_id
AND (s.fingerprint, s.occurrence) = (new.fingerprint, new.occurrence)
"""  # noqa: S608
_RESTATE = f"""{_NEW}
UPDATE ledger_transaction t SET import_id = new.import_id, removal = nullif(t.removal, 'undone'),
    {", ".join(f"{name} = new.{name}" for name in STATED)}
FROM new WHERE t.user_id = %(owner)s AND t.id = new.id
"""  # noqa: S608
_ADD_STAGES = f"""{_NEW}
INSERT INTO ledger_prior_state (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), id, user_id, account_id, {_STATED_NAMES} FROM new
{_MOVE_STAGE}"""  # noqa: S608

_SEE = f"""
INSERT INTO ledger_imported_row (id, {_SEEN_NAMES})
SELECT uuidv7(), {_SEEN_NAMES} FROM {rows_of(_SEEN)} AS new
"""  # noqa: S608

_FORGET_SIGHTINGS = """
UPDATE ledger_imported_row SET undone = true
WHERE user_id = %(owner)s AND import_id = %(import)s AND NOT undone
"""
# Which rows are meant goes to the server as ids, and what they are held against is hashed ("IS
# TRUE" keeps it so): joined row by row, a table that has just grown is taken for a small one.
_SEEN_HERE = """
SELECT DISTINCT transaction_id FROM ledger_imported_row
WHERE user_id = %(owner)s AND import_id = %(import)s
"""
_IDS = array_of("uuid", "%(ids)s")
# In which forms imports that are left state these transactions.
_LEFT = f"""
SELECT transaction_id, fingerprint, occurrence FROM ledger_imported_row
WHERE user_id = %(owner)s AND transaction_id = ANY({_IDS}) AND NOT undone
"""  # noqa: S608
# What nobody that is left states in the form it has now, and the stages it may fall back to.
_LOST = f"""
SELECT id FROM ledger_transaction
WHERE user_id = %(owner)s AND id = ANY({_IDS}) AND removal IS NULL
AND ((id, fingerprint, occurrence) IN ({_LEFT})) IS FALSE
"""  # noqa: S608
_REACHED = f"""
SELECT DISTINCT ON (transaction_id) transaction_id, id FROM ledger_prior_state
WHERE user_id = %(owner)s AND transaction_id = ANY({_IDS})
AND ((transaction_id, fingerprint, occurrence) IN ({_LEFT})) IS TRUE
ORDER BY transaction_id, status = 'posted' DESC, booking_date, id
"""  # noqa: S608
_THESE = f"user_id = %(owner)s AND id = ANY({_IDS})"
_REMOVE = f"""
UPDATE ledger_transaction SET removal = 'undone' WHERE {_THESE} AND removal IS NULL
"""  # noqa: S608
_STAGE_LOST = f"""
INSERT INTO ledger_prior_state (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), id, user_id, account_id, {_STATED_NAMES} FROM ledger_transaction WHERE {_THESE}
"""  # noqa: S608
_FALL_BACK = f"""
UPDATE ledger_transaction t SET {", ".join(f"{name} = g.{name}" for name in STATED)}
FROM ledger_prior_state g
WHERE g.user_id = %(owner)s AND g.id = ANY({_IDS})
AND t.user_id = g.user_id AND t.id = g.transaction_id
"""  # noqa: S608
_FORGET_REACHED = f"DELETE FROM ledger_prior_state WHERE {_THESE}"  # noqa: S608
# What others state too is from now on what the first of them states.
_OTHERS = f"""
SELECT DISTINCT ON (transaction_id) transaction_id, import_id, line FROM ledger_imported_row
WHERE user_id = %(owner)s AND transaction_id = ANY({_IDS}) AND NOT undone
AND ((transaction_id, fingerprint, occurrence) IN (
    SELECT id, fingerprint, occurrence FROM ledger_transaction
    WHERE user_id = %(owner)s AND import_id = %(import)s AND removal IS NULL
)) IS TRUE
ORDER BY transaction_id, import_id
"""  # noqa: S608
_PLACE = types_of(TransactionModel, ("id", "import_id", "line"))
_HAND_OVER = f"""
UPDATE ledger_transaction t SET import_id = new.import_id, line = new.line
FROM {rows_of(_PLACE)} AS new WHERE t.user_id = %(owner)s AND t.id = new.id
"""  # noqa: S608


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
    its = {"owner": owner, "import": import_id}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_SIGHTINGS, its)
        seen = _ids(cursor, _SEEN_HERE, its)
        lost = _ids(cursor, _LOST, _these(seen, owner))
        cursor.execute(_REACHED, _these(lost, owner))
        stages = dict(cursor.fetchall())
        removed = [each for each in lost if each not in stages]
        for statement, ids in (
            (_REMOVE, removed),
            (_STAGE_LOST, stages.keys()),
            (_FALL_BACK, stages.values()),
            (_FORGET_REACHED, stages.values()),
        ):
            cursor.execute(statement, _these(ids, owner))
        cursor.execute(_OTHERS, {**its, **_these(seen, owner)})
        if others := cursor.fetchall():
            cursor.execute(_HAND_OVER, {"owner": owner, **texts_of(_PLACE, others)})
    return len(removed), len(stages)


def _ids(cursor: Any, statement: str, parameters: Mapping[str, Any]) -> list[UUID]:
    cursor.execute(statement, parameters)
    return [each for (each,) in cursor.fetchall()]


def _these(ids: Iterable[UUID], owner: UserId) -> dict[str, Any]:
    return {"owner": owner, "ids": column_of("uuid", ids)}


def _securities_of(transactions: Sequence[Transaction]) -> Securities:
    traded = [each.trade.security for each in transactions if each.trade]
    return keep_securities(transactions[0].user_id, traded) if traded else {}


def _run(statements: Sequence[str], transactions: Sequence[Transaction]) -> None:
    securities = _securities_of(transactions)
    with connection.cursor() as cursor:
        for some in batches(transactions):
            # They are one user's: statements name whose rows they look at.
            (owner,) = {each.user_id for each in some}
            texts = texts_of(WHOLE, [stated(each, securities) for each in some])
            for statement in statements:
                cursor.execute(statement, {**texts, "owner": owner})


def stated(transaction: Transaction, securities: Securities) -> tuple[Any, ...]:
    """Return the values of `WHOLE`, in order: those that the domain has under other names first."""
    trade = transaction.trade
    otherwise = (
        transaction.key.fingerprint,
        transaction.key.occurrence,
        transaction.amount.amount,
        transaction.amount.currency,
        json.dumps(dict(transaction.raw)),
        securities[named(trade.security)] if trade else None,
        trade.quantity if trade else None,
        trade.unit_price if trade else None,
    )
    values: tuple[Any, ...] = _in_order((*otherwise, *_under_its_name(transaction)))
    return values


def _sighting(sighting: ImportedRow) -> tuple[Any, ...]:
    return (
        sighting.user_id,
        sighting.import_id,
        sighting.transaction_id,
        sighting.key.fingerprint,
        sighting.key.occurrence,
        sighting.result,
        sighting.place,
        sighting.line,
    )
