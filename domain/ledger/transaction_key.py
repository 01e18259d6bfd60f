"""Which row of a statement is which transaction: exactly once, in any order, however often.

The ladder counts within one account. A row with a provider's id is that id on that day with that
amount: banks reuse ids. A row without is its day, amount, currency and normalised text. Pending
and booked are two states of a movement, each with a key of its own. Rows that are alike
within one statement are told apart by their occurrence, so that two genuine purchases of the same
kind stay two.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from domain.ledger.values import StatementRow
from domain.shared.text import comparable

_SEPARATOR = "\x1f"
#: Another way to make fingerprints gets another version, and the old one stays readable.
VERSION = "1"


@dataclass(frozen=True, slots=True)
class TransactionKey:
    """What makes a transaction itself within its account: a SHA-256 and the k-th of its like."""

    fingerprint: bytes
    occurrence: int


def fingerprint_of(row: StatementRow) -> bytes:
    """Return the fingerprint of a row, which begins with the version of how it is made."""
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
    """Return a text as it counts for a key: case and blanks do not."""
    return " ".join(comparable(text).casefold().split())
