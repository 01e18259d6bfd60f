"""Which row of a statement is which transaction: exactly once, in any order, however often.

The ladder counts within one account. A row with a provider's id is that id on that day with that
amount: banks reuse ids. A row without is its day, amount, currency and normalised text. Rows that
are alike within one statement are told apart by their occurrence, so that two genuine purchases of
the same kind stay two.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from domain.ledger.values import StatementRow

VERSION = "1"
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a transaction itself within its account: a SHA-256 and the k-th of its like."""

    fingerprint: bytes
    occurrence: int


class Verdict(StrEnum):
    """What becomes of a row: new, already there, or new under an id that is taken."""

    NEW = "new"
    SAME = "same"
    CONFLICT = "conflict"


def identify(rows: Iterable[StatementRow]) -> list[Identity]:
    """Return the identity of each row of one statement."""
    seen: Counter[bytes] = Counter()
    identities = []
    for row in rows:
        fingerprint = fingerprint_of(row)
        seen[fingerprint] += 1
        identities.append(Identity(fingerprint, seen[fingerprint]))
    return identities


def fingerprint_of(row: StatementRow) -> bytes:
    """Return the fingerprint of a row, version 1."""
    rung = ("id", row.provider_id) if row.provider_id else ("text", _normalised(row.description))
    amount = f"{row.amount.amount.normalize():f}"
    parts = (VERSION, *rung, row.booking_date.isoformat(), amount, row.amount.currency)
    return sha256(_SEPARATOR.join(parts).encode()).digest()


def decide(
    rows: Sequence[StatementRow],
    identities: Sequence[Identity],
    *,
    known: Collection[Identity],
    provider_ids: Collection[str],
) -> list[Verdict]:
    """Judge each row, given what the account holds already: identities and providers' ids."""
    taken = set(provider_ids)
    verdicts = []
    for row, identity in zip(rows, identities, strict=True):
        if identity in known:
            verdict = Verdict.SAME
        elif row.provider_id in taken:
            verdict = Verdict.CONFLICT
        else:
            verdict = Verdict.NEW
        verdicts.append(verdict)
        if row.provider_id:
            taken.add(row.provider_id)
    return verdicts


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
