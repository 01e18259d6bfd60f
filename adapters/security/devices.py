"""Tokens by which devices are known again, signed with a key of ours."""

import hmac
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from domain.identity.values import Device, Token, TokenKind
from domain.shared.result import Failure

_PURPOSE = b"dashtam-device/1"
_ID, _EXPIRY = 16, 4


class SignedDeviceTokens:
    """`DeviceTokens`: id (16) | expiry in seconds (4) | HMAC-SHA-256 cut to 96 bits (12)."""

    def __init__(self, key: str) -> None:
        self._key = hmac.digest(key.encode(), _PURPOSE, sha256)

    def issue(self, device: Device, account: str, at: datetime) -> Token:
        expiry = int((at + Device.LIFETIME).timestamp())
        said = device.id.bytes + expiry.to_bytes(_EXPIRY, "big")
        return Token.of(said + self._signature(said, account), TokenKind.DEVICE)

    def recognise(self, text: str, account: str, at: datetime) -> Device | None:
        parsed = Token.parse(text, TokenKind.DEVICE)
        if isinstance(parsed, Failure):
            return None
        said, signature = parsed.value.secret[: _ID + _EXPIRY], parsed.value.secret[_ID + _EXPIRY :]
        if not hmac.compare_digest(signature, self._signature(said, account)):
            return None
        is_over = at.timestamp() >= int.from_bytes(said[_ID:], "big")
        return None if is_over else Device(UUID(bytes=said[:_ID]))

    def _signature(self, said: bytes, account: str) -> bytes:
        # The first part has one length: nothing of it can pass for the beginning of the other.
        return hmac.digest(self._key, said + account.encode(), sha256)[:12]
