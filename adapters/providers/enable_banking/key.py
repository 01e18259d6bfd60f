"""The key by which Enable Banking knows an application: JWT (RFC 7519) signed with RS256."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

ISSUER, AUDIENCE = "enablebanking.com", "api.enablebanking.com"
LIFETIME = timedelta(hours=1)
#: Clocks differ: a token is valid from a little earlier, and replaced a little before its end.
TOLERANCE = timedelta(minutes=1)
SHORTEST_KEY = 2048


class UnusableKey(ValueError):
    """The text is no RSA key, or one that is too short; the message may be shown."""


@dataclass(slots=True)
class ApplicationKey:
    """Signs the tokens of an application; each serves for an hour."""

    application_id: str
    _key: RSAPrivateKey = field(repr=False)
    _token: str = field(default="", repr=False)
    _issued_at: datetime | None = None

    @classmethod
    def from_pem(cls, application_id: str, pem: str) -> "ApplicationKey":
        """Read a private key; raise `UnusableKey` if it cannot sign."""
        try:
            # In an environment variable, line breaks may be written as \n.
            key = load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise UnusableKey("The key of Enable Banking is no private key in PEM.") from None
        if not isinstance(key, RSAPrivateKey) or key.key_size < SHORTEST_KEY:
            raise UnusableKey(f"The key of Enable Banking is no RSA key of {SHORTEST_KEY} bits.")
        return cls(application_id, key)

    def token(self, now: datetime) -> str:
        """Return a token that is valid now; to sign one takes milliseconds."""
        issued_at = self._issued_at
        if issued_at is None or not issued_at <= now < issued_at + LIFETIME - 2 * TOLERANCE:
            self._token, self._issued_at = self._signed(now - TOLERANCE), now
        return self._token

    def _signed(self, at: datetime) -> str:
        times = {"iat": int(at.timestamp()), "exp": int((at + LIFETIME).timestamp())}
        parts = (
            {"typ": "JWT", "alg": "RS256", "kid": self.application_id},
            {"iss": ISSUER, "aud": AUDIENCE, **times},
        )
        content = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
        return f"{content}.{_encoded(self._key.sign(content.encode(), PKCS1v15(), SHA256()))}"


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
