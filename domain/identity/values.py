"""Values of users: email addresses, passwords, tokens and codes."""

import re
import zlib
from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, NewType, Self
from uuid import UUID

from domain.identity.errors import InvalidEmail, InvalidToken, WeakPassword
from domain.shared.folding import comparable
from domain.shared.result import Failure, Result, Success
from domain.shared.text import normalised

PasswordHash = NewType("PasswordHash", str)
TokenDigest = NewType("TokenDigest", bytes)

# RFC 5321's length, one @, and a host with a dot; only an email shows whether the address exists.
_EMAIL = re.compile(
    r"[^\s@<>\"(),:;\\\[\]\x00-\x20\x7f]{1,64}"
    r"@[^\s@.<>\"(),:;\\\[\]]+(\.[^\s@.<>\"(),:;\\\[\]]+)+"
)

_TOKEN = re.compile(
    r"(?P<body>dashtam_(?P<kind>access|refresh|api|mail|device)_[0-9a-f]{64})(?P<checksum>[0-9a-f]{8})"
)


@dataclass(frozen=True, slots=True)
class Email:
    """An email address, normalized for comparison: NFKC, lower case."""

    address: str = field(repr=False)

    MAX_LENGTH = 254
    #: Before normalization, accents and wide letters may take more characters than after it.
    MAX_TYPED = 320

    @classmethod
    def parse(cls, text: str) -> Result[Self, InvalidEmail]:
        """Parse an email address that somebody typed."""
        typed = normalised(text.strip(), cls.MAX_TYPED)
        if isinstance(typed, Failure):
            return Failure(InvalidEmail(f"This is not a valid email address. {typed.error.detail}"))
        address = typed.value.lower()
        if len(address) > cls.MAX_LENGTH:
            detail = f"An email address has at most {cls.MAX_LENGTH} characters."
            return Failure(InvalidEmail(detail))
        if not address.isprintable() or not _EMAIL.fullmatch(address):
            return Failure(InvalidEmail("This is not a valid email address."))
        return Success(cls(address))

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True)
class Password:
    """A password, normalized (NFC), of 15 to 1,024 characters (NIST SP 800-63B-4)."""

    text: str = field(repr=False)

    MIN_LENGTH = 15
    MAX_LENGTH = 1024
    #: Before normalization, a character may take four.
    MAX_TYPED = 4 * MAX_LENGTH

    @classmethod
    def choose(cls, text: str) -> Result[Self, WeakPassword]:
        """Accept a new password if it is long enough; there are no rules of composition."""
        password = cls.from_input(text)
        if not cls.MIN_LENGTH <= len(password.text) <= cls.MAX_LENGTH:
            bounds = f"{cls.MIN_LENGTH} to {cls.MAX_LENGTH:,} characters"
            return Failure(WeakPassword(f"A password has {bounds}."))
        return Success(password)

    @classmethod
    def from_input(cls, text: str) -> Self:
        """Normalize a password that is to be compared with a hash."""
        # A password that is too long is left as it is, and will not match.
        typed = text[: cls.MAX_TYPED + 4]
        return cls(comparable(typed, "NFC")[: cls.MAX_LENGTH + 1])


class TokenKind(StrEnum):
    """The kinds of tokens."""

    ACCESS = "access"
    REFRESH = "refresh"
    API = "api"
    MAIL = "mail"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token: prefix, 256 random bits, CRC32. Only its SHA-256 is stored."""

    text: str = field(repr=False)

    PREFIX = "dashtam"

    @classmethod
    def of(cls, secret: bytes, kind: TokenKind = TokenKind.ACCESS) -> Self:
        """Make a token of 32 random bytes."""
        body = f"{cls.PREFIX}_{kind}_{secret.hex()}"
        return cls(body + _checksum(body))

    @classmethod
    def parse(cls, text: str, *kinds: TokenKind) -> Result[Self, InvalidToken]:
        """Parse a token of one of these kinds; the checksum detects typing errors."""
        form = _TOKEN.fullmatch(text)
        if not form or form["kind"] not in kinds or _checksum(form["body"]) != form["checksum"]:
            return Failure(InvalidToken())
        return Success(cls(text))

    @property
    def kind(self) -> TokenKind:
        return TokenKind(self.text.split("_")[1])

    @property
    def secret(self) -> bytes:
        """The 32 random bytes of the token."""
        return bytes.fromhex(self.text.split("_")[2][:64])

    @property
    def digest(self) -> TokenDigest:
        return TokenDigest(sha256(self.text.encode()).digest())


@dataclass(frozen=True, slots=True)
class Device:
    """A device that somebody logged in from. Its token identifies it and grants no access."""

    id: UUID

    #: Counted from when its session was last opened or renewed.
    LIFETIME: ClassVar = timedelta(days=90)


class Scope(StrEnum):
    """What an API token allows."""

    READ_ACCOUNTS = "read:accounts"
    READ_TRANSACTIONS = "read:transactions"
    WRITE_TRANSACTIONS = "write:transactions"
    READ_IMPORTS = "read:imports"
    WRITE_IMPORTS = "write:imports"
    READ_CONNECTIONS = "read:connections"
    WRITE_CONNECTIONS = "write:connections"


@dataclass(frozen=True, slots=True)
class Usage:
    """When a session or token was last used, to the minute, and from which IP address."""

    at: datetime | None = None
    ip_address: str | None = None


class MailPurpose(StrEnum):
    """What an emailed token is valid for."""

    VERIFY_EMAIL = "verify-email"
    RESET_PASSWORD = "reset-password"  # noqa: S105  # what it is for, not one
    RESTORE_USER = "keep-account"
    #: Valid for nothing: it counts an email without a token, and is never sent.
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class TotpSecret:
    """The secret that an authenticator app shares with us: 160 random bits (RFC 4226)."""

    key: bytes = field(repr=False)

    LENGTH = 20


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """A code of 120 random bits that replaces a one-time code once. Only its SHA-256 is stored."""

    text: str = field(repr=False)

    LENGTH = 15

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """Make a code of 15 random bytes: four groups of six characters (RFC 4648, base 32)."""
        text = b32encode(secret).decode().lower()
        return cls("-".join(text[start : start + 6] for start in range(0, len(text), 6)))

    @classmethod
    def from_input(cls, text: str) -> Self:
        """Parse a code that somebody typed: hyphens, spaces and case do not matter."""
        plain = re.sub(r"[\s-]", "", text).lower()
        return cls("-".join(plain[start : start + 6] for start in range(0, len(plain), 6)))

    @property
    def digest(self) -> TokenDigest:
        return TokenDigest(sha256(self.text.encode(errors="replace")).digest())


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
