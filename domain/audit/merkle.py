"""Merkle trees over SHA-256 (RFC 6962, section 2.1): one hash that proves any number of entries."""

from collections.abc import Sequence
from hashlib import sha256

LEAF, NODE = b"\x00", b"\x01"


def leaf(data: bytes) -> bytes:
    """Return the hash of one entry."""
    return sha256(LEAF + data).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the hash of all leaves, in their order."""
    if not leaves:
        return sha256(b"").digest()
    level = leaves
    while len(level) > 1:
        level = _above(level)
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from a leaf to the root: its siblings on the way up."""
    proof: list[bytes] = []
    level = leaves
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        level, index = _above(level), index >> 1
    return proof


def _above(level: Sequence[bytes]) -> list[bytes]:
    # A node without a sibling moves up unchanged, as the standard requires.
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [sha256(NODE + left + right).digest() for left, right in pairs]
    return [*above, level[-1]] if len(level) & 1 else above
