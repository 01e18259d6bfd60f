"""Secrets at rest, each under a key of its own, wrapped by one that the database never has.

    version (1) | length of key id | key id | nonce (12) | wrapped key (32 + 16) |
    nonce (12) | text and tag (n + 16)

Both layers are AES-256-GCM (NIST SP 800-38D). What is authenticated along with them says where the
secret stands, so that it opens nowhere else: in no other row, column or table, for nobody else.
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
#: By so much of a secret it is known whether its key is here.
LONGEST_HEAD = 2 + LONGEST_KEY_ID + WRAPPED + NONCE + TAG


class Unopenable(Exception):
    """It is no secret of ours, stands in the wrong place, or its key is not here."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret stands."""

    table: str
    column: str
    row: UUID
    owner: UUID

    def authenticated(self, purpose: bytes) -> bytes:
        """Return what both layers are bound to; lengths keep its parts apart."""
        parts = (
            *(b"dashtam-envelope/1", purpose, self.table.encode(), self.column.encode()),
            *(self.row.bytes, self.owner.bytes),
        )
        return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys of 32 bytes by their ids: the first seals, all open."""

    keys: Mapping[str, bytes] = field(repr=False)

    @property
    def primary(self) -> str:
        return next(iter(self.keys))

    def seal(self, secret: bytes, place: Place) -> bytes:
        key = AESGCM.generate_key(bit_length=256)
        text = _encrypt(key, secret, place.authenticated(b"secret"))
        return self._wrap(key, place) + text

    def open(self, sealed: bytes, place: Place) -> bytes:
        """Return the secret; raise `Unopenable` without saying what of it is wrong."""
        key, text = self._unwrap(sealed, place)
        return _decrypt(key, text, place.authenticated(b"secret"))

    def rewrap(self, sealed: bytes, place: Place) -> bytes:
        """Return the same secret under the key in use; its text is neither opened nor changed."""
        key, text = self._unwrap(sealed, place)
        return self._wrap(key, place) + text

    def fits(self, head: bytes, place: Place) -> bool:
        """Tell whether one of the keys opens the secret that begins so."""
        try:
            self._unwrap(head, place)
        except Unopenable:
            return False
        return True

    def _wrap(self, key: bytes, place: Place) -> bytes:
        key_id = self.primary.encode()
        head = bytes([VERSION, len(key_id)]) + key_id
        bound = place.authenticated(b"key " + key_id)
        return head + _encrypt(self.keys[self.primary], key, bound)

    def _unwrap(self, sealed: bytes, place: Place) -> tuple[bytes, bytes]:
        named, wrapped, text = _parts(sealed)
        if named not in self.keys:
            raise Unopenable("its key is not here")
        bound = place.authenticated(b"key " + named.encode())
        return _decrypt(self.keys[named], wrapped, bound), text


def key_id_of(sealed: bytes) -> str:
    """Return which key wraps a secret."""
    return _parts(sealed)[0]


def _parts(sealed: bytes) -> tuple[str, bytes, bytes]:
    if len(sealed) < 2 or sealed[0] != VERSION or not 0 < sealed[1] <= LONGEST_KEY_ID:
        raise Unopenable("it is not sealed")
    start = 2 + sealed[1]
    if len(sealed) < start + WRAPPED + NONCE + TAG:
        raise Unopenable("it is cut off")
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
