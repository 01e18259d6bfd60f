"""Which row of a statement is which transaction: exactly once, in any order, however often.

The ladder counts within one account. A row with a provider's id is that id on that day with that
amount: banks reuse ids. A row without is its day, amount, currency and normalised text. Pending
and booked are two stages of a movement, each with an identity of its own. Rows that are alike
within one statement are told apart by their occurrence, so that two genuine purchases of the same
kind stay two.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from domain.ledger.values import StatementRow
from domain.shared.text import comparable

_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a transaction itself within its account: a SHA-256 and the k-th of its like."""

    fingerprint: bytes
    occurrence: int


def fingerprint_1(row: StatementRow) -> bytes:
    """Return the fingerprint of a row by the first scheme."""
    rung: tuple[str, ...]
    rung = ("id", row.provider_id) if row.provider_id else ("text", normalised(row.description))
    amount = f"{row.amount.amount.normalize():f}"
    if row.pending:
        rung = ("pending", *rung)
    parts = ("1", *rung, row.booking_date.isoformat(), amount, row.amount.currency)
    return sha256(_SEPARATOR.join(parts).encode()).digest()


#: A way to make fingerprints of rows.
Scheme: TypeAlias = Callable[[StatementRow], bytes]

#: All schemes by their number, which fingerprints are kept under. None is ever changed: what is
#: to be told apart otherwise is a new one (`add_fingerprints`).
SCHEMES: Mapping[int, Scheme] = {1: fingerprint_1}
CURRENT_SCHEME = SCHEMES[1]


def identify(rows: Iterable[StatementRow], scheme: Scheme = CURRENT_SCHEME) -> list[Identity]:
    """Return the identity of each row of one statement."""
    seen: Counter[bytes] = Counter()
    identities = []
    for row in rows:
        fingerprint = scheme(row)
        seen[fingerprint] += 1
        identities.append(Identity(fingerprint, seen[fingerprint]))
    return identities


def normalised(text: str) -> str:
    """Return a text as it counts for identity: case and blanks do not."""
    return " ".join(comparable(text).casefold().split())
