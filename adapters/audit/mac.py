"""The keyed hash of an audit entry: proof, for as long as the entry is kept, of who wrote it."""

import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.audit.entities import AuditEntry

# What is hashed with a key begins with its purpose; an entry's begins with a bracket.
_ALIKE = b"dashtam audit repetition: alike\n"
_SAID = b"dashtam audit repetition: said\n"
_NONCE = 12


@dataclass(frozen=True, slots=True)
class MacKeys:
    """Keys of HMAC-SHA-256 (RFC 2104): the first makes hashes, any of them recognises one.

    A key is kept as long as the entries that were written with it. What an entry has is the SHA-256
    of that hash and of its transaction's number, which the statement that inserts it adds: so an
    entry can be moved to no other transaction. Older entries have the hash alone.
    """

    keys: Mapping[str, bytes] = field(repr=False)

    def mac(self, entry: AuditEntry) -> bytes:
        """Return the hash that the transaction's number is added to."""
        return _mac(self._first, _said_by(entry))

    def recognise_leaf(self, data: bytes) -> bool:
        """Tell whether an entry, as the bytes that are sealed, was written with one of the keys."""
        try:
            return self.recognise(json.loads(data))
        except (ValueError, RecursionError):
            # The application writes nothing that Python cannot read; others may.
            return False

    def recognise(self, row: Mapping[str, Any]) -> bool:
        """Tell whether an entry, as it stands in the trail, was written with one of the keys.

        `row` is an entry's leaf, read as JSON.
        """
        said = _said_in(row)
        given = bytes.fromhex(row["mac"])
        number = row["txid"].to_bytes(8, "big", signed=True)
        return any(
            hmac.compare_digest(made, given)
            for key in self.keys.values()
            for whole in [_mac(key, said)]
            for made in (sha256(whole + number).digest(), whole)
        )

    def mark(self, alike: Sequence[str]) -> bytes:
        """Return what entries that are alike are counted under; it tells nobody what they say."""
        return hmac.digest(self._first, _ALIKE + json.dumps(alike).encode(), sha256)

    def close(self, mark: bytes, said: str) -> bytes:
        """Encrypt what is said under a mark, so that nobody else reads or makes it."""
        nonce = secrets.token_bytes(_NONCE)
        # A key for each mark: as few messages under one as a minute needs.
        return nonce + _cipher(self._first, mark).encrypt(nonce, said.encode(), None)

    def open(self, mark: bytes, closed: bytes) -> str | None:
        """Return what was closed under the mark with one of the keys, or None."""
        for key in self.keys.values():
            try:
                return _cipher(key, mark).decrypt(closed[:_NONCE], closed[_NONCE:], None).decode()
            except (InvalidTag, ValueError):
                continue
        return None

    @property
    def _first(self) -> bytes:
        return next(iter(self.keys.values()))


def _cipher(key: bytes, mark: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, _SAID + mark, sha256))


def _mac(key: bytes, said: Sequence[object]) -> bytes:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.digest(key, text.encode(), sha256)


def _said_by(entry: AuditEntry) -> list[object]:
    return [
        str(entry.id),
        entry.action,
        entry.actor.kind.value,
        entry.actor.id and str(entry.actor.id),
        entry.resource.value,
        entry.resource_id and str(entry.resource_id),
        entry.result.value,
        entry.occurred_at.astimezone(UTC).isoformat(),
        entry.origin.trace_id,
        _packed(entry.origin.ip_address),
        entry.origin.user_agent,
        dict(entry.details),
    ]


def _said_in(row: Mapping[str, Any]) -> list[object]:
    return [
        row["id"],
        row["action"],
        row["actor_kind"],
        row["actor_id"],
        row["resource_type"],
        row["resource_id"],
        row["result"],
        datetime.fromisoformat(row["occurred_at"]).isoformat(),
        row["trace_id"],
        _packed(row["ip_address"]),
        row["user_agent"],
        row["details"],
    ]


def _packed(address: str | None) -> str | None:
    # One address has several spellings.
    return address and ip_address(address).packed.hex()
