"""A checkpoint contains all that is signed, and no change to it goes unnoticed."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest

from domain.audit.checkpoint import BEGINNING, Checkpoint, Refused, SignedCheckpoint

CHECKPOINT = Checkpoint(
    number=7,
    first_xid=100,
    end_xid=120,
    entries=3,
    total=50,
    root=sha256(b"root").digest(),
    ids=sha256(b"ids").digest(),
    previous=BEGINNING,
    sealed_at=datetime(2026, 3, 14, 12, 0, 0, 5, tzinfo=UTC),
    key_id="k1",
    refused=Refused.of(b""),
)
OTHERS: dict[str, Any] = {
    "number": 8,
    "first_xid": 99,
    "end_xid": 121,
    "entries": 4,
    "total": 51,
    "key_id": "k2",
    "refused": Refused.of(bytes(16)),
    **{name: sha256(b"other").digest() for name in ("root", "ids", "previous")},
    "sealed_at": datetime(2026, 3, 14, 12, 0, 0, 6, tzinfo=UTC),
}


def test_text_is_readable() -> None:
    first, number, transactions, *_, key = CHECKPOINT.text.splitlines()

    assert first == "dashtam-audit-checkpoint/1"
    assert (number, transactions, key) == ("number 7", "transactions 100 120", "key k1")


@pytest.mark.parametrize("name", [field.name for field in fields(Checkpoint)])
def test_signature_covers_every_field(name: str) -> None:
    assert replace(CHECKPOINT, **{name: OTHERS[name]}).text != CHECKPOINT.text


def test_a_time_has_one_spelling() -> None:
    elsewhere = CHECKPOINT.sealed_at.astimezone(timezone(timedelta(hours=9)))

    assert replace(CHECKPOINT, sealed_at=elsewhere).text == CHECKPOINT.text


def test_hash_covers_text_and_signature() -> None:
    signed = SignedCheckpoint.sign(CHECKPOINT, lambda data: sha256(data).digest() * 2)

    assert signed.signature == sha256(CHECKPOINT.text.encode()).digest() * 2
    assert signed.hash == sha256(CHECKPOINT.text.encode() + signed.signature).digest()
    assert replace(signed, signature=b"\x00" * 64).hash != signed.hash
