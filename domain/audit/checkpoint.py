"""A signed statement of what the trail held, each naming the one before it."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

FORM = "dashtam-audit-checkpoint/1"
BEGINNING = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """All entries of the transactions from `first_xid` up to, not including, `end_xid`.

    `root` is the Merkle root of the entries in the order of their ids, and `ids` the SHA-256 of
    those ids, one after the other. `total` counts the entries of all checkpoints so far.
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

    @property
    def text(self) -> str:
        """What is signed."""
        lines = [
            FORM,
            f"number {self.number}",
            f"transactions {self.first_xid} {self.end_xid}",
            f"entries {self.entries}",
            f"total {self.total}",
            f"root {b64encode(self.root).decode()}",
            f"ids {b64encode(self.ids).decode()}",
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
        """What the next checkpoint calls `previous`."""
        return sha256(self.checkpoint.text.encode() + self.signature).digest()
