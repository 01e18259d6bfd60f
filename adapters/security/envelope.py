"""Envelope encryption of secrets at rest: each has its own key, wrapped by a configured key.

    version (1) | length of key id | key id | nonce (12) | wrapped key (32 + 16) |
    nonce (12) | text and tag (n + 16)

Both layers are AES-256-GCM (NIST SP 800-38D). The additional authenticated data names the place of
the secret, so that it cannot be opened in another row, column or table, or for another owner.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
NONCE, KEY, TAG = 12, 32, 16
WRAPPED = NONCE + KEY + TAG
LONGEST_KEY_ID = 63
#: The length of the beginning of a sealed secret that shows whether its key is available.
LONGEST_HEAD = 2 + LONGEST_KEY_ID + WRAPPED + NONCE + TAG


class Unopenable(Exception):
    """The value is not a sealed secret, is in the wrong place, or its key is not available."""


@dataclass(frozen=True, slots=True)
class SealContext:
    """The additional authenticated data of a secret: where it is stored, and whose it is."""

    table: str
    column: str
    row: UUID
    owner: UUID

    def authenticated(self, purpose: bytes) -> bytes:
        """Return the additional authenticated data of a layer; lengths separate its parts."""
        parts = (
            *(b"dashtam-envelope/1", purpose, self.table.encode(), self.column.encode()),
            *(self.row.bytes, self.owner.bytes),
        )
        return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys of 32 bytes by their ids: the first one seals, all of them open."""

    keys: Mapping[str, bytes] = field(repr=False)

    @property
    def primary(self) -> str:
        return next(iter(self.keys))

    def seal(self, secret: bytes, context: SealContext) -> bytes:
        key = AESGCM.generate_key(bit_length=256)
        text = _encrypt(key, secret, context.authenticated(b"secret"))
        return self._wrap(key, context) + text

    def open(self, sealed: bytes, context: SealContext) -> bytes:
        """Return the secret, or raise `Unopenable` without revealing what is wrong."""
        key, text = self._unwrap(sealed, context)
        return _decrypt(key, text, context.authenticated(b"secret"))

    def rewrap(self, sealed: bytes, context: SealContext) -> bytes:
        """Return the same secret wrapped by the current key, without decrypting its text."""
        key, text = self._unwrap(sealed, context)
        return self._wrap(key, context) + text

    def fits(self, head: bytes, context: SealContext) -> bool:
        """Return whether one of the keys opens the sealed secret that begins with `head`."""
        try:
            self._unwrap(head, context)
        except Unopenable:
            return False
        return True

    def _wrap(self, key: bytes, context: SealContext) -> bytes:
        key_id = self.primary.encode()
        head = bytes([VERSION, len(key_id)]) + key_id
        bound = context.authenticated(b"key " + key_id)
        return head + _encrypt(self.keys[self.primary], key, bound)

    def _unwrap(self, sealed: bytes, context: SealContext) -> tuple[bytes, bytes]:
        key_id, wrapped, text = _parts(sealed)
        if key_id not in self.keys:
            raise Unopenable("its key is not available")
        bound = context.authenticated(b"key " + key_id.encode())
        return _decrypt(self.keys[key_id], wrapped, bound), text


def _parts(sealed: bytes) -> tuple[str, bytes, bytes]:
    if len(sealed) < 2 or sealed[0] != VERSION or not 0 < sealed[1] <= LONGEST_KEY_ID:
        raise Unopenable("it is not sealed")
    start = 2 + sealed[1]
    if len(sealed) < start + WRAPPED + NONCE + TAG:
        raise Unopenable("it is truncated")
    key_id = sealed[2:start].decode("ascii", "replace")
    return key_id, sealed[start : start + WRAPPED], sealed[start + WRAPPED :]


def _encrypt(key: bytes, data: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, bound)


def _decrypt(key: bytes, data: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], bound)
    except InvalidTag:
        raise Unopenable("it does not open here") from None
