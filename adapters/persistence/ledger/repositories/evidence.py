"""What an account holds that bears on the rows of a statement."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db import connection

from adapters.persistence.ledger.repositories.columns import array_of, column_of
from domain.ledger.matching import (
    BOOKING_TAKES,
    ExistingTransaction,
    MatchContext,
    Removal,
    is_open,
)
from domain.ledger.transaction_key import TransactionKey
from domain.ledger.values import StatementRow
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.money import Money

T = TypeVar("T")

BATCH = 5000

_HELD = """
t.id, t.booking_date, t.amount, t.currency, t.provider_id, t.description,
t.status = 'pending', t.removal
"""
# A transaction is known by the key it has now, and by those of the stages it is not at. What
# stands and what is undone have an index each.
_KNOWN = f"""
SELECT {_HELD}, t.fingerprint, t.occurrence FROM ledger_transaction t
WHERE t.account_id = %s AND t.user_id = %s AND t.fingerprint = ANY({array_of("bytea")})
AND (t.removal IS NULL OR t.removal = 'deleted')
UNION ALL
SELECT {_HELD}, t.fingerprint, t.occurrence FROM ledger_transaction t
WHERE t.account_id = %s AND t.user_id = %s AND t.fingerprint = ANY({array_of("bytea")})
AND t.removal = 'undone'
UNION ALL
SELECT {_HELD}, s.fingerprint, s.occurrence
FROM ledger_prior_state s JOIN ledger_transaction t
    ON t.user_id = s.user_id AND t.id = s.transaction_id
WHERE s.account_id = %s AND s.user_id = %s AND s.fingerprint = ANY({array_of("bytea")})
"""  # noqa: S608
_PROVIDER_IDS = f"""
SELECT DISTINCT provider_id FROM ledger_transaction
WHERE account_id = %s AND user_id = %s AND provider_id = ANY({array_of("text")})
AND removal IS DISTINCT FROM 'undone'
"""  # noqa: S608
_PENDING = f"""
SELECT {_HELD} FROM ledger_transaction t
WHERE account_id = %s AND user_id = %s AND status = 'pending' AND removal IS DISTINCT FROM 'undone'
"""  # noqa: S608
_BOOKED = f"""
SELECT {_HELD} FROM ledger_transaction t
WHERE account_id = %s AND user_id = %s AND status = 'posted' AND removal IS DISTINCT FROM 'undone'
AND booking_date BETWEEN %s AND %s AND (amount = ANY(%s) OR provider_id = ANY(%s))
"""  # noqa: S608


def evidence(
    account_id: AccountId,
    owner: UserId,
    rows: Sequence[StatementRow],
    keys: Sequence[TransactionKey],
) -> MatchContext:
    whose = (account_id, owner)
    known = _known(whose, keys)
    # A row that is known is no conflict, whatever its id.
    unknown = [
        row.provider_id
        for row, key in zip(rows, keys, strict=True)
        if row.provider_id and is_open(known.get(key))
    ]
    taken: set[str] = set()
    for ids in batches(sorted(set(unknown))):
        found = _rows(_PROVIDER_IDS, *whose, column_of("text", ids))
        taken.update(provider_id for (provider_id,) in found)
    candidates = [_held(row) for row in _rows(_PENDING, *whose)]
    return MatchContext(
        known=known, provider_ids=taken, candidates=candidates + _booked(whose, rows)
    )


def _known(
    whose: tuple[AccountId, UserId], keys: Sequence[TransactionKey]
) -> dict[TransactionKey, ExistingTransaction]:
    known: dict[TransactionKey, ExistingTransaction] = {}
    for some in batches(list({key.fingerprint for key in keys})):
        wanted = (*whose, column_of("bytea", some))
        for *held, fingerprint, occurrence in _rows(_KNOWN, *wanted, *wanted, *wanted):
            key, found = TransactionKey(bytes(fingerprint), occurrence), _held(held)
            # What is undone has left its key behind: whoever has it now goes before.
            if found.removal is not Removal.UNDONE or key not in known:
                known[key] = found
    return known


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


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
    return [_held(row) for row in _rows(_BOOKED, *whose, first, last, amounts, ids)]


def _rows(sql: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Any] = cursor.fetchall()
        return found


def _held(row: Sequence[Any]) -> ExistingTransaction:
    return ExistingTransaction(
        id=TransactionId(row[0]),
        booking_date=row[1],
        amount=Money(row[2], row[3]),
        provider_id=row[4],
        description=row[5],
        pending=row[6],
        removal=Removal(row[7]) if row[7] else None,
    )
