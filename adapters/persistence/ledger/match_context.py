"""What the rows of a statement are matched with."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from adapters.persistence.ledger.columns import array_of, batches, column_of
from domain.ledger.matching import BOOKING_TAKES, ExistingTransaction, MatchContext, is_open
from domain.ledger.values import Removal, StatementRow, TransactionKey
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.money import Money

_EXISTING = """
t.id, t.booking_date, t.amount, t.currency, t.provider_id, t.description,
t.status = 'pending', t.removal
"""
# A transaction is found by its key and by those of its prior states. Active and undone
# transactions have an index each.
_BY_KEY = f"""
SELECT {_EXISTING}, t.fingerprint, t.occurrence FROM ledger_transaction t
WHERE t.account_id = %s AND t.user_id = %s AND t.fingerprint = ANY({array_of("bytea")})
AND (t.removal IS NULL OR t.removal = 'deleted')
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
_PROVIDER_IDS = f"""
SELECT DISTINCT provider_id FROM ledger_transaction
WHERE account_id = %s AND user_id = %s AND provider_id = ANY({array_of("text")})
AND removal IS DISTINCT FROM 'undone'
"""  # noqa: S608
_PENDING = f"""
SELECT {_EXISTING} FROM ledger_transaction t
WHERE account_id = %s AND user_id = %s AND status = 'pending' AND removal IS DISTINCT FROM 'undone'
"""  # noqa: S608
_BOOKED = f"""
SELECT {_EXISTING} FROM ledger_transaction t
WHERE account_id = %s AND user_id = %s AND status = 'posted' AND removal IS DISTINCT FROM 'undone'
AND booking_date BETWEEN %s AND %s AND (amount = ANY(%s) OR provider_id = ANY(%s))
"""  # noqa: S608


def match_context(
    account_id: AccountId,
    owner: UserId,
    rows: Sequence[StatementRow],
    keys: Sequence[TransactionKey],
) -> MatchContext:
    """Return the existing transactions that rows of a statement may match."""
    whose = (account_id, owner)
    known = _by_key(whose, keys)
    # A row with a known key cannot conflict, whatever its provider id.
    unknown = [
        row.provider_id
        for row, key in zip(rows, keys, strict=True)
        if row.provider_id and is_open(known.get(key))
    ]
    used_ids: set[str] = set()
    for ids in batches(sorted(set(unknown))):
        found = _rows(_PROVIDER_IDS, *whose, column_of("text", ids))
        used_ids.update(provider_id for (provider_id,) in found)
    candidates = [_existing(row) for row in _rows(_PENDING, *whose)]
    return MatchContext(
        known=known, provider_ids=used_ids, candidates=candidates + _booked(whose, rows)
    )


def _by_key(
    whose: tuple[AccountId, UserId], keys: Sequence[TransactionKey]
) -> dict[TransactionKey, ExistingTransaction]:
    known: dict[TransactionKey, ExistingTransaction] = {}
    for some in batches(list({key.fingerprint for key in keys})):
        wanted = (*whose, column_of("bytea", some))
        for *existing, fingerprint, occurrence in _rows(_BY_KEY, *wanted, *wanted, *wanted):
            key, found = TransactionKey(bytes(fingerprint), occurrence), _existing(existing)
            # The key of an undone transaction may belong to an active one, which goes first.
            if found.removal is not Removal.UNDONE or key not in known:
                known[key] = found
    return known


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
    return [_existing(row) for row in _rows(_BOOKED, *whose, first, last, amounts, ids)]


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
        removal=Removal(row[7]) if row[7] else None,
    )
