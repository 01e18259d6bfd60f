"""The key by which a row is the same transaction in every file, whatever their order.

Keys count within one account. The key of a row with a provider's id is that id, the day and the
amount, because banks reuse ids. The key of any other row is its day, amount, currency and
normalized text. Pending and booked are two states of a transaction, each with a key of its own.

Equal rows within one statement are numbered, so that two genuine purchases of the same kind stay
two.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from domain.ledger.values import StatementRow
from domain.shared.text import comparable

_SEPARATOR = "\x1f"
#: Another way to make fingerprints gets another version; the old one stays readable.
VERSION = "1"


@dataclass(frozen=True, slots=True)
class TransactionKey:
    """The key of a transaction within its account: a SHA-256, and its number among equal rows."""

    fingerprint: bytes
    occurrence: int


def fingerprint_of(row: StatementRow) -> bytes:
    """Return the fingerprint of a row, which begins with its version."""
    rung: tuple[str, ...]
    rung = ("id", row.provider_id) if row.provider_id else ("text", normalised(row.description))
    amount = f"{row.amount.amount.normalize():f}"
    if row.pending:
        rung = ("pending", *rung)
    parts = (VERSION, *rung, row.booking_date.isoformat(), amount, row.amount.currency)
    return sha256(_SEPARATOR.join(parts).encode()).digest()


def transaction_keys(rows: Iterable[StatementRow]) -> list[TransactionKey]:
    """Return the key of each row of one statement."""
    seen: Counter[bytes] = Counter()
    keys = []
    for row in rows:
        fingerprint = fingerprint_of(row)
        seen[fingerprint] += 1
        keys.append(TransactionKey(fingerprint, seen[fingerprint]))
    return keys


def normalised(text: str) -> str:
    """Normalize a text for a key: case and blanks do not matter."""
    return " ".join(comparable(text).casefold().split())
