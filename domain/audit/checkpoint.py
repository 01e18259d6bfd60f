"""Checkpoints: signed statements of what the trail contains, in a hash chain."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Self

FORM = "dashtam-audit-checkpoint/1"
BEGINNING = bytes(32)


@dataclass(frozen=True, slots=True)
class Refused:
    """Entries that the sealer refused: their number, and the SHA-256 of their ids."""

    count: int
    ids: bytes

    @classmethod
    def of(cls, ids: bytes) -> Self:
        """Summarize the ids of entries, of 16 bytes each."""
        return cls(len(ids) // 16, sha256(ids).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """All entries of the transactions from `first_xid` up to, but not including, `end_xid`.

    `root` is the Merkle root of the entries in the order of their ids, and `ids` the SHA-256 of
    those ids, concatenated. `total` counts the entries of all checkpoints so far. Entries whose
    keyed hash is wrong are not under the root; `refused` summarizes them instead.
    """

    number: int
    first_xid: int
    end_xid: int
    entries: int
    total: int
    root: bytes
    ids: bytes
    previous: bytes
    sealed_at: datetime
    key_id: str
    refused: Refused

    @property
    def text(self) -> str:
        """Return the text that is signed."""
        lines = [
            FORM,
            f"number {self.number}",
            f"transactions {self.first_xid} {self.end_xid}",
            f"entries {self.entries}",
            f"total {self.total}",
            f"root {b64encode(self.root).decode()}",
            f"ids {b64encode(self.ids).decode()}",
            f"refused {self.refused.count}",
            f"refused-ids {b64encode(self.refused.ids).decode()}",
            f"previous {b64encode(self.previous).decode()}",
            f"sealed {self.sealed_at.astimezone(UTC).isoformat()}",
            f"key {self.key_id}",
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with the Ed25519 signature (RFC 8032) of its text."""

    checkpoint: Checkpoint
    signature: bytes

    @classmethod
    def sign(cls, checkpoint: Checkpoint, sign: Callable[[bytes], bytes]) -> "SignedCheckpoint":
        return cls(checkpoint, sign(checkpoint.text.encode()))

    @property
    def hash(self) -> bytes:
        """Return the hash that the next checkpoint has as `previous`."""
        return sha256(self.checkpoint.text.encode() + self.signature).digest()
