"""Posting and undoing statements, many rows in each SQL statement."""

import json
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

from django.db import connection

from adapters.persistence.ledger.columns import (
    array_of,
    batches,
    column_of,
    rows_of,
    texts_of,
    types_of,
)
from adapters.persistence.ledger.holdings import (
    Securities,
    security_key,
    upsert_securities,
)
from adapters.persistence.ledger.imported_rows import (
    STATE,
    first_stating,
    mark_undone,
    replace_transaction,
)
from adapters.persistence.ledger.models import STATED, TransactionModel
from domain.ledger.entities import Transaction
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId

#: The columns that posting writes, with their types.
POSTED = types_of(TransactionModel, ("id", "user_id", "account_id", "import_id", *STATED))
_POSTED_NAMES = ", ".join(POSTED)
_STATED_NAMES = ", ".join(STATED)
# Columns whose values are not attributes of the same name: see `posted_values`.
_CONVERTED = (
    *("fingerprint", "occurrence", "amount", "currency", "raw"),
    *("security_id", "quantity", "unit_price"),
)
_COPIED = tuple(name for name in POSTED if name not in _CONVERTED)
_copied_values = attrgetter(*_COPIED)
_in_order = itemgetter(*((*_CONVERTED, *_COPIED).index(name) for name in POSTED))

_NEW = f"WITH new AS {rows_of(POSTED)}"
_INSERT = f"INSERT INTO ledger_transaction ({_POSTED_NAMES}) {rows_of(POSTED)}"
# A prior state that an undone transaction left behind moves to the transaction it belongs to now.
_MOVE_STATE = f"""
ON CONFLICT ON CONSTRAINT ledger_prior_state_key DO UPDATE SET
    transaction_id = excluded.transaction_id,
    {", ".join(f"{name} = excluded.{name}" for name in STATED)}
"""
# The former state of an updated transaction is kept, and its new state is no longer a prior one.
_INSERT_FORMER_STATES = f"""{_NEW}
INSERT INTO ledger_prior_state (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), t.id, t.user_id, t.account_id,
    {", ".join(f"t.{name}" for name in STATED)}
FROM new JOIN ledger_transaction t ON t.user_id = %(owner)s AND t.id = new.id
WHERE (t.fingerprint, t.occurrence) <> (new.fingerprint, new.occurrence)
{_MOVE_STATE}"""  # noqa: S608
_DELETE_CURRENT_STATES = f"""{_NEW}
DELETE FROM ledger_prior_state s USING new
WHERE s.user_id = %(owner)s AND s.account_id = new.account_id
AND (s.fingerprint, s.occurrence) = (new.fingerprint, new.occurrence)
"""  # noqa: S608
_UPDATE = f"""{_NEW}
UPDATE ledger_transaction t SET import_id = new.import_id,
    removal = CASE t.removal WHEN 'deleted' THEN 'deleted' END,
    {", ".join(f"{name} = new.{name}" for name in STATED)}
FROM new WHERE t.user_id = %(owner)s AND t.id = new.id
"""  # noqa: S608
_INSERT_PRIOR_STATES = f"""{_NEW}
INSERT INTO ledger_prior_state (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), id, user_id, account_id, {_STATED_NAMES} FROM new
{_MOVE_STATE}"""  # noqa: S608

# A merged transaction is one more state of the other one.
_MOVE_PRIOR_STATES = """
UPDATE ledger_prior_state SET transaction_id = %(into)s
WHERE user_id = %(owner)s AND transaction_id = %(duplicate)s
"""
_INSERT_MERGED_STATE = f"""
INSERT INTO ledger_prior_state (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), %(into)s, user_id, account_id, {_STATED_NAMES} FROM ledger_transaction
WHERE user_id = %(owner)s AND id = %(duplicate)s
{_MOVE_STATE}"""  # noqa: S608
_KEEP_NOTES = """
UPDATE ledger_transaction t SET
    note = coalesce(nullif(t.note, ''), merged.note),
    category = coalesce(nullif(t.category, ''), merged.category)
FROM ledger_transaction merged
WHERE merged.user_id = %(owner)s AND merged.id = %(duplicate)s
AND t.user_id = %(owner)s AND t.id = %(into)s
"""
_MARK_MERGED = """
UPDATE ledger_transaction SET removal = 'merged'
WHERE user_id = %(owner)s AND id = %(duplicate)s
"""

_IDS = array_of("uuid", "%(ids)s")
_STATES = f"""
SELECT id, {STATE}, import_id FROM ledger_transaction
WHERE user_id = %(owner)s AND id = ANY({_IDS}) AND (removal IS NULL OR removal = 'expired')
"""  # noqa: S608
# The state that a transaction returns to first comes last.
_PRIOR_STATES = f"""
SELECT transaction_id, {STATE}, id FROM ledger_prior_state
WHERE user_id = %(owner)s AND transaction_id = ANY({_IDS})
ORDER BY status = 'posted', booking_date DESC, id DESC
"""  # noqa: S608
_THESE = f"user_id = %(owner)s AND id = ANY({_IDS})"
_REMOVE = f"""
UPDATE ledger_transaction SET removal = 'undone'
WHERE {_THESE} AND removal IS DISTINCT FROM 'deleted'
"""  # noqa: S608
_KEEP_FORMER_STATES = f"""
INSERT INTO ledger_prior_state (id, transaction_id, user_id, account_id, {_STATED_NAMES})
SELECT uuidv7(), id, user_id, account_id, {_STATED_NAMES} FROM ledger_transaction WHERE {_THESE}
"""  # noqa: S608
_FALL_BACK = f"""
UPDATE ledger_transaction t SET {", ".join(f"{name} = g.{name}" for name in STATED)}
FROM ledger_prior_state g
WHERE g.user_id = %(owner)s AND g.id = ANY({_IDS})
AND t.user_id = g.user_id AND t.id = g.transaction_id
"""  # noqa: S608
_DELETE_STATES = f"DELETE FROM ledger_prior_state WHERE {_THESE}"  # noqa: S608
# What a later statement states, of whatever kind, is not over.
_EXPIRE = """
WITH latest AS (
    SELECT statement.import_id, place, pending_day
    FROM ledger_statement statement JOIN ledger_import source
        ON source.user_id = statement.user_id AND source.id = statement.import_id
    WHERE statement.user_id = %(owner)s AND account_id = %(account)s
    AND undone_at IS NULL AND pending_day IS NOT NULL
    ORDER BY pending_day DESC, statement.import_id DESC, place DESC LIMIT 1
), waiting AS (
    SELECT id, booking_date FROM ledger_transaction
    WHERE user_id = %(owner)s AND account_id = %(account)s AND status = 'pending'
    AND (removal IS NULL OR removal = 'expired')
), alive AS (
    SELECT stated.id
    FROM latest, ledger_imported_rows listed JOIN ledger_statement statement
        ON statement.user_id = listed.user_id AND statement.import_id = listed.import_id
        AND statement.place = listed.place
    CROSS JOIN LATERAL unnest(listed.transaction_ids) AS stated (id)
    WHERE listed.user_id = %(owner)s AND listed.account_id = %(account)s AND NOT undone
    AND listed.last_day >= (SELECT min(booking_date) FROM waiting)
    AND (
        (listed.import_id, listed.place) = (latest.import_id, latest.place)
        OR coalesce(
            statement.pending_day, closing_day, statement.last_day, listed.last_day
        ) > latest.pending_day
    )
), now AS (
    SELECT waiting.id, CASE WHEN booking_date <= pending_day AND (
        waiting.id IN (SELECT id FROM alive)
    ) IS FALSE THEN 'expired' END AS removal
    FROM waiting LEFT JOIN latest ON true
)
UPDATE ledger_transaction t SET removal = now.removal FROM now
WHERE t.user_id = %(owner)s AND t.id = now.id AND t.removal IS DISTINCT FROM now.removal
"""
_SOURCE = types_of(TransactionModel, ("id", "import_id", "line"))
_REASSIGN = f"""
UPDATE ledger_transaction t SET import_id = new.import_id, line = new.line
FROM {rows_of(_SOURCE)} AS new WHERE t.user_id = %(owner)s AND t.id = new.id
"""  # noqa: S608


def insert(transactions: Sequence[Transaction]) -> None:
    _run([_INSERT], transactions)


def update_from_import(transactions: Sequence[Transaction]) -> None:
    _run([_INSERT_FORMER_STATES, _DELETE_CURRENT_STATES, _UPDATE], transactions)


def insert_prior_states(transactions: Sequence[Transaction]) -> None:
    _run([_INSERT_PRIOR_STATES], transactions)


def merge(duplicate: TransactionId, into: TransactionId, owner: UserId) -> None:
    """Make one transaction a state of another, and have imports state that one instead."""
    replace_transaction(duplicate, into, owner)
    its = {"owner": owner, "duplicate": duplicate, "into": into}
    with connection.cursor() as cursor:
        for each in (_MOVE_PRIOR_STATES, _INSERT_MERGED_STATE, _KEEP_NOTES, _MARK_MERGED):
            cursor.execute(each, its)


def expire_pending(account_ids: Collection[AccountId], owner: UserId) -> None:
    """Let pending transactions expire that the latest list of all of them does not have."""
    with connection.cursor() as cursor:
        for account_id in account_ids:
            cursor.execute(_EXPIRE, {"owner": owner, "account": account_id})


def undo(import_id: ImportId, owner: UserId) -> tuple[int, int]:
    """Undo the rows of an import; return how many transactions were removed and changed."""
    ids = mark_undone(import_id, owner)
    stating = first_stating(ids, owner)
    with connection.cursor() as cursor:
        cursor.execute(_STATES, _these(ids, owner))
        states = {each: (state, source) for each, state, source in cursor.fetchall()}
        lost = [each for each, (state, _) in states.items() if (each, state) not in stating]
        cursor.execute(_PRIOR_STATES, _these(lost, owner))
        prior = {
            each: (state, prior_id)
            for each, state, prior_id in cursor.fetchall()
            if (each, state) in stating
        }
        removed = [each for each in lost if each not in prior]
        returned = [prior_id for _, prior_id in prior.values()]
        for statement, changed in (
            (_REMOVE, removed),
            (_KEEP_FORMER_STATES, prior.keys()),
            (_FALL_BACK, returned),
            (_DELETE_STATES, returned),
        ):
            cursor.execute(statement, _these(changed, owner))
        # A transaction that other imports state too is from now on one of the first of them.
        now = {each: prior.get(each, state)[0] for each, state in states.items()}
        others = [
            (each, *stating[each, state])
            for each, state in now.items()
            if states[each][1] == import_id and (each, state) in stating
        ]
        if others:
            cursor.execute(_REASSIGN, {"owner": owner, **texts_of(_SOURCE, others)})
    return len(removed), len(prior)


def _these(ids: Iterable[UUID], owner: UserId) -> dict[str, Any]:
    return {"owner": owner, "ids": column_of("uuid", ids)}


def _securities_of(transactions: Sequence[Transaction]) -> Securities:
    traded = [each.trade.security for each in transactions if each.trade]
    return upsert_securities(transactions[0].user_id, traded) if traded else {}


def _run(statements: Sequence[str], transactions: Sequence[Transaction]) -> None:
    securities = _securities_of(transactions)
    with connection.cursor() as cursor:
        for some in batches(transactions):
            # All of them belong to one user, whom every statement names.
            (owner,) = {each.user_id for each in some}
            texts = texts_of(POSTED, [posted_values(each, securities) for each in some])
            for statement in statements:
                cursor.execute(statement, {**texts, "owner": owner})


def posted_values(transaction: Transaction, securities: Securities) -> tuple[Any, ...]:
    """Return the values of a transaction in the order of `POSTED`."""
    trade = transaction.trade
    converted = (
        transaction.key.fingerprint,
        transaction.key.occurrence,
        transaction.amount.amount,
        transaction.amount.currency,
        json.dumps(dict(transaction.raw)),
        securities[security_key(trade.security)] if trade else None,
        trade.quantity if trade else None,
        trade.unit_price if trade else None,
    )
    values: tuple[Any, ...] = _in_order((*converted, *_copied_values(transaction)))
    return values
