"""What identifies and proves a person."""

import re
import unicodedata
import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NewType, Self

from domain.identity.errors import InvalidEmail, InvalidToken, WeakPassword
from domain.shared.result import Failure, Result, Success

PasswordHash = NewType("PasswordHash", str)
TokenDigest = NewType("TokenDigest", bytes)

# One address of RFC 5321's length with one @ and a dotted host; the mail itself proves the rest.
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]\x00-\x20\x7f]{1,64}@[^\s@.]+(\.[^\s@.]+)+")


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address in the one form in which addresses are compared: NFKC, lower case."""

    address: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Result[Self, InvalidEmail]:
        """Read an address that someone typed."""
        address = unicodedata.normalize("NFKC", text.strip()).lower()
        if len(address) > 254 or not address.isprintable() or not _EMAIL.fullmatch(address):
            return Failure(InvalidEmail("This is not an e-mail address."))
        return Success(cls(address))

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True)
class Password:
    """A password as someone chose it: NFC, 15 to 1,024 characters (NIST SP 800-63B-4)."""

    text: str = field(repr=False)

    MIN_LENGTH = 15
    MAX_LENGTH = 1024

    @classmethod
    def choose(cls, text: str) -> Result[Self, WeakPassword]:
        """Accept a new password when it is long enough. No rule of composition."""
        password = cls.given(text)
        if not cls.MIN_LENGTH <= len(password.text) <= cls.MAX_LENGTH:
            bounds = f"{cls.MIN_LENGTH} to {cls.MAX_LENGTH:,} characters"
            return Failure(WeakPassword(f"A password has {bounds}."))
        return Success(password)

    @classmethod
    def given(cls, text: str) -> Self:
        """Take a password that is to be compared with a hash."""
        return cls(unicodedata.normalize("NFC", text[: cls.MAX_LENGTH + 1]))


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token: prefix, 256 random bits, CRC32. Only its SHA-256 is ever kept."""

    text: str = field(repr=False)

    PREFIX = "dashtam_"

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """Write 32 random bytes as a token."""
        body = secret.hex()
        return cls(f"{cls.PREFIX}{body}{_checksum(body)}")

    @classmethod
    def parse(cls, text: str) -> Result[Self, InvalidToken]:
        """Read a token; a mistyped or cut one is known by its checksum, without a look-up."""
        body, checksum = text[len(cls.PREFIX) : -8], text[-8:]
        if not text.startswith(cls.PREFIX) or len(body) != 64 or _checksum(body) != checksum:
            return Failure(InvalidToken("The token is not valid."))
        return Success(cls(text))

    @property
    def digest(self) -> TokenDigest:
        return TokenDigest(sha256(self.text.encode()).digest())


@dataclass(frozen=True, slots=True)
class TotpSecret:
    """What a program that makes one-time codes shares with us: 160 random bits (RFC 4226)."""

    key: bytes = field(repr=False)

    LENGTH = 20


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode(errors='replace')):08x}"
