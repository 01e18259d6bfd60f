"""A second scheme of fingerprints, with which Dashtam could be upgraded."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from domain.ledger.identity import SCHEMES, Scheme, fingerprint_1
from domain.ledger.values import StatementRow


def without_punctuation(row: StatementRow) -> bytes:
    """Punctuation does not count, so that what the first scheme told apart may be alike."""
    plain = "".join(each for each in row.description if each.isalnum() or each.isspace())
    return sha256(b"2" + fingerprint_1(replace(row, description=plain))).digest()


def with_exact_text(row: StatementRow) -> bytes:
    """Capitals count, so that what was alike by the first scheme is told apart."""
    return sha256(f"3{row.description}".encode() + fingerprint_1(row)).digest()


BOTH: Mapping[int, Scheme] = {**SCHEMES, 2: without_punctuation}
