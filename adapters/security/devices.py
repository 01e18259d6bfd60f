"""Signed tokens that identify known devices."""

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
        payload = device.id.bytes + expiry.to_bytes(_EXPIRY, "big")
        return Token.of(payload + self._signature(payload, account), TokenKind.DEVICE)

    def recognise(self, text: str, account: str, at: datetime) -> Device | None:
        parsed = Token.parse(text, TokenKind.DEVICE)
        if isinstance(parsed, Failure):
            return None
        secret = parsed.value.secret
        payload, signature = secret[: _ID + _EXPIRY], secret[_ID + _EXPIRY :]
        if not hmac.compare_digest(signature, self._signature(payload, account)):
            return None
        has_expired = at.timestamp() >= int.from_bytes(payload[_ID:], "big")
        return None if has_expired else Device(UUID(bytes=payload[:_ID]))

    def _signature(self, payload: bytes, account: str) -> bytes:
        # The payload has a fixed length, so the boundary between the two parts is unambiguous.
        return hmac.digest(self._key, payload + account.encode(), sha256)[:12]
