"""Posting and undoing statements, many rows in each SQL statement."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection

from adapters.persistence.ledger.columns import (
    array_of,
    batches,
    column_of,
    made_ahead,
    rows_of,
    table_of,
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
from adapters.persistence.ledger.splits import splits_text
from domain.ledger.entities import Transaction
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId

#: So many rows are sent at once: the server inserts them while the next ones are made ready.
ROWS_AHEAD = 1000
#: The columns that posting writes, with their types.
POSTED = types_of(TransactionModel, ("id", "user_id", "account_id", "import_id", *STATED))
# The owner's word: it is written with a new transaction, and never by another import.
_SAID = (
    *("category", "category_id", "category_source"),
    *("tags", "tags_source", "splits", "payee_name"),
)
_INSERTED = types_of(TransactionModel, (*POSTED, *_SAID))
_INSERTED_NAMES = ", ".join(_INSERTED)
_STATED_NAMES = ", ".join(STATED)
_JSON = json.JSONEncoder()
# Where the values of columns are that are not attributes of the same name.
_FROM: dict[str, Callable[[Transaction], Any]] = {
    "fingerprint": attrgetter("key.fingerprint"),
    "occurrence": attrgetter("key.occurrence"),
    "amount": attrgetter("amount.amount"),
    "currency": attrgetter("amount.currency"),
    "raw": lambda transaction: _JSON.encode(transaction.raw),
    "splits": lambda transaction: splits_text(transaction.splits),
    "quantity": lambda transaction: transaction.trade and transaction.trade.quantity,
    "unit_price": lambda transaction: transaction.trade and transaction.trade.unit_price,
}

# Stands for the table of the rows that are written (`table_of`).
_ROWS = "(rows)"
_NEW = f"WITH new AS {_ROWS}"
# Asked once here; as defaults of their columns, these functions would be asked for each row.
_INSERT = f"""
INSERT INTO ledger_transaction ({_INSERTED_NAMES}, recorded_at, feed_position)
SELECT new.*, (SELECT ledger_moment()), (SELECT guard.transaction_number())
FROM {_ROWS} AS new
"""  # noqa: S608
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
# What the file says is all that changes: its rows have the keys and the places that they had.
_READ_AGAIN = [name for name in STATED if name not in ("fingerprint", "occurrence", "line")]
_REFRESH = f"""{_NEW}
UPDATE ledger_transaction t SET {", ".join(f"{name} = new.{name}" for name in _READ_AGAIN)}
FROM new, ledger_import source
WHERE t.user_id = %(owner)s AND t.id = new.id
AND (t.fingerprint, t.occurrence) = (new.fingerprint, new.occurrence)
AND source.user_id = %(owner)s AND source.id = t.import_id AND source.digest = %(digest)s
AND ({", ".join(f"t.{name}" for name in _READ_AGAIN)})
    IS DISTINCT FROM ({", ".join(f"new.{name}" for name in _READ_AGAIN)})
"""  # noqa: S608

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
#: The columns of what is said of a transaction beside what imports state.
ANNOTATION = (
    *("note", "payee_name", "tags", "tags_source"),
    *("category", "category_id", "category_source", "splits"),
)
#: SQL that lets a transaction `t` have what its owner said of a duplicate of it, `merged`.
JOIN_ANNOTATIONS = """
    note = coalesce(nullif(t.note, ''), merged.note),
    payee_name = coalesce(nullif(t.payee_name, ''), merged.payee_name),
    tags = ARRAY(SELECT DISTINCT unnest(t.tags || merged.tags) AS tag ORDER BY tag LIMIT 20),
    -- An owner's word is the greater one of the two.
    tags_source = greatest(t.tags_source, merged.tags_source),
    (category, category_id, category_source, splits) = (
        SELECT category, category_id, category_source, splits
        FROM (VALUES
            (t.category, t.category_id, t.category_source, t.splits, 1),
            (merged.category, merged.category_id, merged.category_source, merged.splits, 2)
        ) AS said (category, category_id, category_source, splits, rank)
        ORDER BY category_source IS DISTINCT FROM 'owner', category = '' AND splits = '[]', rank
        LIMIT 1
    )
"""
_KEEP_NOTES = f"""
UPDATE ledger_transaction t SET {JOIN_ANNOTATIONS}
FROM ledger_transaction merged
WHERE merged.user_id = %(owner)s AND merged.id = %(duplicate)s
AND t.user_id = %(owner)s AND t.id = %(into)s
"""  # noqa: S608
_MOVE_CATEGORIES = """
UPDATE ledger_imported_category SET transaction_id = %(into)s
WHERE user_id = %(owner)s AND transaction_id = %(duplicate)s
"""
# To undo an application that set something of both is to undo what it set of the other one.
_MOVE_EFFECTS = """
UPDATE ledger_rule_effect e SET transaction_id = %(into)s
WHERE user_id = %(owner)s AND transaction_id = %(duplicate)s AND NOT EXISTS (
    SELECT FROM ledger_rule_effect known WHERE known.user_id = %(owner)s
    AND known.application_id = e.application_id AND known.transaction_id = %(into)s
)
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
PRIOR_STATES = f"""
SELECT transaction_id, {STATE}, id, status = 'posted' FROM ledger_prior_state
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
# The latest list that speaks of a day decides; without a period, it speaks of the days of its rows.
# What a later statement states, of whatever kind, is not over.
_EXPIRE = """
WITH waiting AS MATERIALIZED (
    SELECT id, booking_date FROM ledger_transaction
    WHERE user_id = %(owner)s AND account_id = %(account)s AND status = 'pending'
    AND (removal IS NULL OR removal = 'expired')
), list AS MATERIALIZED (
    SELECT statement.import_id, place, pending_day,
        CASE WHEN statement.first_day IS NULL THEN (
            SELECT min(listed.first_day) FROM ledger_imported_rows listed
            WHERE listed.user_id = %(owner)s AND listed.import_id = statement.import_id
            AND listed.place = statement.place
        ) END AS since
    FROM ledger_statement statement JOIN ledger_import source
        ON source.user_id = statement.user_id AND source.id = statement.import_id
    WHERE statement.user_id = %(owner)s AND account_id = %(account)s
    AND undone_at IS NULL AND pending_day >= (SELECT min(booking_date) FROM waiting)
), latest AS MATERIALIZED (
    SELECT waiting.id, speaking.* FROM waiting CROSS JOIN LATERAL (
        SELECT import_id, place, pending_day FROM list
        WHERE booking_date BETWEEN coalesce(since, '-infinity') AND pending_day
        ORDER BY pending_day DESC, import_id DESC, place DESC LIMIT 1
    ) speaking
), alive AS (
    SELECT latest.id
    FROM ledger_imported_rows listed JOIN ledger_statement statement
        ON statement.user_id = listed.user_id AND statement.import_id = listed.import_id
        AND statement.place = listed.place
    CROSS JOIN LATERAL unnest(listed.transaction_ids) AS stated (id)
    JOIN latest ON latest.id = stated.id
    WHERE listed.user_id = %(owner)s AND listed.account_id = %(account)s AND NOT undone
    AND listed.last_day >= (SELECT min(booking_date) FROM waiting)
    AND (
        (listed.import_id, listed.place) = (latest.import_id, latest.place)
        OR coalesce(
            statement.pending_day, closing_day, statement.last_day, listed.last_day
        ) > latest.pending_day
    )
), ended AS (
    SELECT unnest(withdrawn) AS id
    FROM ledger_statement statement JOIN ledger_import source
        ON source.user_id = statement.user_id AND source.id = statement.import_id
    WHERE statement.user_id = %(owner)s AND account_id = %(account)s
    AND undone_at IS NULL AND withdrawn IS NOT NULL
), now AS (
    SELECT id, CASE WHEN id IN (SELECT id FROM ended) OR id IN (SELECT id FROM latest)
        AND (id IN (SELECT id FROM alive)) IS FALSE THEN 'expired' END AS removal
    FROM waiting
)
UPDATE ledger_transaction t SET removal = now.removal FROM now
WHERE t.user_id = %(owner)s AND t.id = now.id AND t.removal IS DISTINCT FROM now.removal
"""
# Banks use ids again: what is booked after the correcting statement is another transaction.
_EXPIRE_CORRECTED = """
WITH corrected AS MATERIALIZED (
    SELECT provider_id,
        max(coalesce(greatest(closing_day, statement.last_day), 'infinity'))
            FILTER (WHERE undone_at IS NULL) AS until
    FROM ledger_statement statement JOIN ledger_import source
        ON source.user_id = statement.user_id AND source.id = statement.import_id
    CROSS JOIN LATERAL unnest(corrected_ids) AS provider_id
    WHERE statement.user_id = %(owner)s AND account_id = %(account)s
    GROUP BY provider_id
), now AS (
    SELECT t.id, CASE WHEN booking_date <= until THEN 'expired' END AS removal
    FROM corrected JOIN ledger_transaction t
        ON t.user_id = %(owner)s AND t.account_id = %(account)s
        AND t.provider_id = corrected.provider_id
    WHERE status = 'posted' AND (removal IS NULL OR removal = 'expired')
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
    _run([_INSERT], transactions, types=_INSERTED)


def update_from_import(transactions: Sequence[Transaction]) -> None:
    _run([_INSERT_FORMER_STATES, _DELETE_CURRENT_STATES, _UPDATE], transactions)


def insert_prior_states(transactions: Sequence[Transaction]) -> None:
    _run([_INSERT_PRIOR_STATES], transactions)


def refresh(transactions: Sequence[Transaction], digest: bytes) -> None:
    _run([_REFRESH], transactions, digest=digest)


def insert_former_states(ids: Iterable[UUID], owner: UserId) -> None:
    """Add the present states of transactions to their prior ones."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_FORMER_STATES, _these(ids, owner))


def merge(duplicate: TransactionId, into: TransactionId, owner: UserId) -> None:
    """Make one transaction a state of another, and have imports state that one instead."""
    replace_transaction(duplicate, into, owner)
    its = {"owner": owner, "duplicate": duplicate, "into": into}
    with connection.cursor() as cursor:
        for each in (
            *(_MOVE_PRIOR_STATES, _INSERT_MERGED_STATE),
            *(_KEEP_NOTES, _MOVE_CATEGORIES, _MOVE_EFFECTS, _MARK_MERGED),
        ):
            cursor.execute(each, its)


def expire(account_ids: Collection[AccountId], owner: UserId) -> None:
    """Let transactions expire that their bank no longer states.

    These are pending ones that the latest list of all of them does not have or that a statement
    withdraws, and booked ones that a statement replaces or deletes.
    """
    with connection.cursor() as cursor:
        for account_id in account_ids:
            cursor.execute(_EXPIRE, {"owner": owner, "account": account_id})
            cursor.execute(_EXPIRE_CORRECTED, {"owner": owner, "account": account_id})


def undo(import_id: ImportId, owner: UserId) -> tuple[int, int]:
    """Undo the rows of an import; return how many transactions were removed and changed."""
    ids = mark_undone(import_id, owner)
    stating = first_stating(ids, owner)
    with connection.cursor() as cursor:
        cursor.execute(_STATES, _these(ids, owner))
        states = {each: (state, source) for each, state, source in cursor.fetchall()}
        lost = [each for each, (state, _) in states.items() if (each, state) not in stating]
        cursor.execute(PRIOR_STATES, _these(lost, owner))
        prior = {
            each: (state, prior_id)
            for each, state, prior_id, _ in cursor.fetchall()
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


def _run(
    statements: Sequence[str],
    transactions: Sequence[Transaction],
    types: Mapping[str, str] = POSTED,
    **named: Any,
) -> None:
    def tables() -> Iterator[tuple[str, dict[str, Any]]]:
        for some in batches(transactions, ROWS_AHEAD):
            # All of them belong to one user, whom every statement names.
            (owner,) = {each.user_id for each in some}
            table, texts = table_of(types, columns_of(some, securities, types))
            yield table, {**texts, **named, "owner": owner}

    securities = _securities_of(transactions)
    sent = made_ahead(tables()) if len(transactions) > ROWS_AHEAD else tables()
    with connection.cursor() as cursor:
        for table, parameters in sent:
            for statement in statements:
                cursor.execute(statement.replace(_ROWS, table), parameters)


def columns_of(
    transactions: Sequence[Transaction],
    securities: Securities,
    types: Mapping[str, str] = POSTED,
) -> dict[str, Iterable[Any]]:
    """Return the values of each of these columns."""

    def security_of(transaction: Transaction) -> UUID | None:
        trade = transaction.trade
        return securities[security_key(trade.security)] if trade else None

    from_ = {**_FROM, "security_id": security_of}
    return {name: map(from_.get(name) or attrgetter(name), transactions) for name in types}
