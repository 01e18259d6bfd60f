"""What the rows of a statement are matched with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from adapters.persistence.ledger.columns import array_of, batches, column_of
from adapters.persistence.ledger.imported_rows import last_stated, statements_stating
from domain.ledger.counterparts import NEAR_DAYS
from domain.ledger.matches import ExistingTransaction, MatchContext
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.pending import BOOKING_TAKES
from domain.ledger.values import Removal, StatementRow, TransactionKey
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.money import Money

_EXISTING = """
t.id, t.booking_date, t.amount, t.currency, t.provider_id, t.description,
t.status = 'pending', t.balance, t.removal
"""
_KEPT = "(t.removal IS NULL OR t.removal = 'deleted' OR t.removal = 'expired')"
# A transaction is found by its key and by those of its prior states. Active and undone
# transactions have an index each.
_BY_KEY = f"""
SELECT {_EXISTING}, t.fingerprint, t.occurrence FROM ledger_transaction t
WHERE t.account_id = %s AND t.user_id = %s AND t.fingerprint = ANY({array_of("bytea")})
AND {_KEPT}
UNION ALL
SELECT {_EXISTING}, t.fingerprint, t.occurrence FROM ledger_transaction t
WHERE t.account_id = %s AND t.user_id = %s AND t.fingerprint = ANY({array_of("bytea")})
AND t.removal = 'undone'
UNION ALL
SELECT {_EXISTING}, s.fingerprint, s.occurrence
FROM ledger_prior_state s JOIN ledger_transaction t
    ON t.user_id = s.user_id AND t.id = s.transaction_id
WHERE s.account_id = %s AND s.user_id = %s AND s.fingerprint = ANY({array_of("bytea")})
"""  # noqa: S608
# A key or a prior state belongs to a transaction. One that was merged has no key of its own.
_HAS_TRANSACTIONS = f"""
SELECT EXISTS (
    SELECT FROM ledger_transaction t WHERE account_id = %s AND user_id = %s
    AND {_KEPT}
) OR EXISTS (
    SELECT FROM ledger_transaction t WHERE account_id = %s AND user_id = %s
    AND removal = 'undone'
) OR EXISTS (
    SELECT FROM ledger_prior_state WHERE account_id = %s AND user_id = %s
)
"""  # noqa: S608
_PROVIDER_IDS = f"""
SELECT DISTINCT provider_id FROM ledger_transaction t
WHERE account_id = %s AND user_id = %s AND provider_id = ANY({array_of("text")})
AND {_KEPT}
"""  # noqa: S608
_PENDING = f"""
SELECT {_EXISTING} FROM ledger_transaction t
WHERE account_id = %s AND user_id = %s AND status = 'pending' AND {_KEPT}
"""  # noqa: S608
_BOOKED = f"""
SELECT {_EXISTING} FROM ledger_transaction t
WHERE account_id = %s AND user_id = %s AND status = 'posted' AND {_KEPT}
AND booking_date BETWEEN %s AND %s
"""  # noqa: S608
_BOOKED_AS = f"{_BOOKED} AND (amount = ANY(%s) OR provider_id = ANY(%s))"
_OF_AMOUNT = f"{_BOOKED} AND currency = %s AND amount = ANY(%s)"
#: With more transactions between two balances, these decide nothing.
MOST_LOOSE = 1000
_BETWEEN = f"""
SELECT id, amount FROM ledger_transaction
WHERE account_id = %s AND user_id = %s AND currency = %s AND status = 'posted' AND removal IS NULL
AND booking_date > %s AND booking_date <= %s LIMIT {MOST_LOOSE + 1}
"""  # noqa: S608
_REFUSED = f"""
SELECT added_id, existing_id FROM ledger_match WHERE user_id = %s AND status = 'refused'
AND (added_id = ANY({array_of("uuid")}) OR existing_id = ANY({array_of("uuid")}))
"""  # noqa: S608


def match_context(
    account_id: AccountId,
    owner: UserId,
    rows: Sequence[StatementRow],
    keys: Sequence[TransactionKey],
    near: Neighbourhood | None,
) -> MatchContext:
    """Return the existing transactions that rows of a statement may match."""
    whose = (account_id, owner)
    if not _has_transactions(whose):
        return MatchContext(known={}, provider_ids=set())
    context = MatchContext(
        known=_by_key(whose, keys),
        provider_ids=_used_ids(whose, rows),
        candidates=[*map(_existing, _rows(_PENDING, *whose)), *_booked(whose, rows)],
    )
    return _with_neighbours(context, whose, rows, near) if near and near.others else context


def _has_transactions(whose: tuple[AccountId, UserId]) -> bool:
    ((has_some,),) = _rows(_HAS_TRANSACTIONS, *whose, *whose, *whose)
    return bool(has_some)


def _with_neighbours(
    context: MatchContext,
    whose: tuple[AccountId, UserId],
    rows: Sequence[StatementRow],
    near: Neighbourhood,
) -> MatchContext:
    """Add what other statements of the account state."""
    others, between = _of_amount(whose, rows, near), _between(whose, near)
    ids = {each.id for each in (*context.known.values(), *context.candidates, *others)}
    return replace(
        context,
        counterparts=others,
        stating=statements_stating([*ids, *(between or ())], whose[1]),
        between=between,
        refused=_refused(whose[1], context),
    )


def _refused(owner: UserId, context: MatchContext) -> set[frozenset[TransactionId]]:
    """Return pairs with a transaction that a row may restore, which are not the same."""
    gone = column_of("uuid", {each.id for each in context.known.values() if each.is_gone})
    found = _rows(_REFUSED, owner, gone, gone) if gone else []
    return {frozenset(map(TransactionId, pair)) for pair in found}


def _of_amount(
    whose: tuple[AccountId, UserId], rows: Sequence[StatementRow], near: Neighbourhood
) -> list[ExistingTransaction]:
    """Return booked transactions of the amounts and about the days of booked rows."""
    booked = [row for row in rows if not row.pending]
    if not booked:
        return []
    about = timedelta(days=NEAR_DAYS)
    first = min(row.booking_date for row in booked) - about
    last = max(row.booking_date for row in booked) + about
    amounts = list({row.amount.amount for row in booked})
    found = _rows(_OF_AMOUNT, *whose, first, last, near.statement.currency, amounts)
    return [_existing(row) for row in found]


def _between(
    whose: tuple[AccountId, UserId], near: Neighbourhood
) -> dict[TransactionId, Decimal] | None:
    """Return what was booked between the balances of a statement and the one before it.

    None if that is too much.
    """
    stretch = near.stretch
    if stretch is None or stretch.previous is None or stretch.begins is None:
        return {}
    if all(each.balance for each in near.others.values()):
        return {}
    closing = stretch.statement.closing
    days = (stretch.begins.day, closing.day if closing else stretch.begins.day)
    found = _rows(_BETWEEN, *whose, near.statement.currency, *days)
    if len(found) > MOST_LOOSE:
        return None
    return {TransactionId(each): amount for each, amount in found}


def _by_key(
    whose: tuple[AccountId, UserId], keys: Sequence[TransactionKey]
) -> dict[TransactionKey, ExistingTransaction]:
    known: dict[TransactionKey, ExistingTransaction] = {}
    gone: dict[TransactionKey, dict[TransactionId, ExistingTransaction]] = {}
    for some in batches(list({key.fingerprint for key in keys})):
        wanted = (*whose, column_of("bytea", some))
        for *existing, fingerprint, occurrence in _rows(_BY_KEY, *wanted, *wanted, *wanted):
            key, found = TransactionKey(bytes(fingerprint), occurrence), _existing(existing)
            if found.is_gone:
                gone.setdefault(key, {})[found.id] = found
            else:
                known[key] = found
    # The key of an undone transaction may belong to an active one, which goes first.
    return {**_last_of_each(gone, whose[1]), **known}


def _last_of_each(
    gone: Mapping[TransactionKey, Mapping[TransactionId, ExistingTransaction]], owner: UserId
) -> dict[TransactionKey, ExistingTransaction]:
    """Return of each key the undone transaction that the account had last.

    A merge moves the undone duplicate of a transaction to its account: then there are two.
    """
    rivals = {each for found in gone.values() if len(found) > 1 for each in found}
    last = last_stated(list(rivals), owner) if rivals else {}
    return {
        key: max(found.values(), key=lambda each: last.get(each.id, ""))
        for key, found in gone.items()
    }


def _used_ids(whose: tuple[AccountId, UserId], rows: Sequence[StatementRow]) -> set[str]:
    """Return the bank's ids of rows that transactions have already."""
    used: set[str] = set()
    for ids in batches(sorted({row.provider_id for row in rows if row.provider_id})):
        found = _rows(_PROVIDER_IDS, *whose, column_of("text", ids))
        used.update(provider_id for (provider_id,) in found)
    return used


def _booked(
    whose: tuple[AccountId, UserId], rows: Sequence[StatementRow]
) -> list[ExistingTransaction]:
    """Return booked transactions that pending rows of a statement may have become."""
    pending = [row for row in rows if row.pending]
    if not pending:
        return []
    first = min(row.booking_date for row in pending)
    last = max(row.booking_date for row in pending) + BOOKING_TAKES
    amounts = list({row.amount.amount for row in pending})
    ids = [row.provider_id for row in pending if row.provider_id]
    return [_existing(row) for row in _rows(_BOOKED_AS, *whose, first, last, amounts, ids)]


def _rows(sql: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Any] = cursor.fetchall()
        return found


def _existing(row: Sequence[Any]) -> ExistingTransaction:
    return ExistingTransaction(
        id=TransactionId(row[0]),
        booking_date=row[1],
        amount=Money(row[2], row[3]),
        provider_id=row[4],
        description=row[5],
        pending=row[6],
        balance=row[7],
        removal=Removal(row[8]) if row[8] else None,
    )
