"""Secrets of connected apps: letters and digits only, because some clients decode nothing else."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar, Self
from uuid import UUID

from domain.identity.values import TokenDigest
from domain.shared.result import Failure, Result, Success
from domain.sharing.errors import SetupTokenRefused

_SECRET = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SetupToken:
    """A token that an app exchanges for access, once: 256 random bits. Its SHA-256 is stored."""

    text: str = field(repr=False)

    LIFETIME: ClassVar = timedelta(hours=24)

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """Make a token of 32 random bytes."""
        return cls(secret.hex())

    @classmethod
    def parse(cls, text: str) -> Result[Self, SetupTokenRefused]:
        return Success(cls(text)) if _SECRET.fullmatch(text) else Failure(SetupTokenRefused())

    @property
    def digest(self) -> TokenDigest:
        return TokenDigest(sha256(self.text.encode()).digest())


@dataclass(frozen=True, slots=True)
class AccessKey:
    """The user name and the password of an app (RFC 7617). Only the SHA-256 of both is stored."""

    username: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, app_id: UUID, secret: bytes) -> Self:
        """Make a key of 32 random bytes."""
        return cls(app_id.hex, secret.hex())

    @property
    def digest(self) -> TokenDigest:
        return self.digest_of(f"{self.username}:{self.password}")

    @staticmethod
    def digest_of(credentials: str) -> TokenDigest:
        """Return the digest of a user name and a password with a colon between them."""
        return TokenDigest(sha256(credentials.encode()).digest())
