"""The keyed hash of an audit entry: it proves that the application wrote the entry."""

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

# A hashed message begins with its purpose; the message of an entry begins with a bracket.
_REPETITION_KEY = b"dashtam audit repetition: alike\n"
_REPETITION_CIPHER = b"dashtam audit repetition: said\n"
_NONCE = 12


@dataclass(frozen=True, slots=True)
class MacKeys:
    """Keys of HMAC-SHA-256 (RFC 2104): the first one signs, all of them verify.

    A key must be kept as long as the entries that were written with it. An entry stores the SHA-256
    of that hash and of its transaction's number, which the INSERT statement adds: an entry cannot
    be moved to another transaction.
    """

    keys: Mapping[str, bytes] = field(repr=False)

    def mac(self, entry: AuditEntry) -> bytes:
        """Return the keyed hash, without the transaction's number."""
        return _mac(self._first, _fields_of(entry))

    def recognise_leaf(self, data: bytes) -> bool:
        """Say whether an entry, in the form that is sealed, was written with one of the keys."""
        try:
            return self.recognise(json.loads(data))
        except (ValueError, RecursionError):
            # The application writes nothing that Python cannot parse; a forger may.
            return False

    def recognise(self, row: Mapping[str, Any]) -> bool:
        """Say whether a stored entry was written with one of the keys.

        `row` is the JSON that is sealed.
        """
        fields = _fields_in(row)
        stored = bytes.fromhex(row["mac"])
        number = row["txid"].to_bytes(8, "big", signed=True)
        return any(
            hmac.compare_digest(sha256(_mac(key, fields) + number).digest(), stored)
            for key in self.keys.values()
        )

    def repetition_key(self, alike: Sequence[str]) -> bytes:
        """Return the key under which equal entries are counted; it reveals nothing of them."""
        return hmac.digest(self._first, _REPETITION_KEY + json.dumps(alike).encode(), sha256)

    def encrypt(self, repetition_key: bytes, text: str) -> bytes:
        """Encrypt the first of repeated entries, so that nobody else can read or forge it."""
        nonce = secrets.token_bytes(_NONCE)
        # One cipher key per repetition key keeps the messages under it few.
        return nonce + _cipher(self._first, repetition_key).encrypt(nonce, text.encode(), None)

    def decrypt(self, repetition_key: bytes, encrypted: bytes) -> str | None:
        """Return the text that one of the keys encrypted, or None."""
        for key in self.keys.values():
            try:
                cipher = _cipher(key, repetition_key)
                return cipher.decrypt(encrypted[:_NONCE], encrypted[_NONCE:], None).decode()
            except (InvalidTag, ValueError):
                continue
        return None

    @property
    def _first(self) -> bytes:
        return next(iter(self.keys.values()))


def _cipher(key: bytes, repetition_key: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, _REPETITION_CIPHER + repetition_key, sha256))


def _mac(key: bytes, fields: Sequence[object]) -> bytes:
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.digest(key, text.encode(), sha256)


def _fields_of(entry: AuditEntry) -> list[object]:
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


def _fields_in(row: Mapping[str, Any]) -> list[object]:
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
    # The same IP address can be spelled in several ways.
    return address and ip_address(address).packed.hex()
