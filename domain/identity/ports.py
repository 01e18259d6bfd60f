"""What identity needs from the outside."""

from datetime import datetime
from typing import Protocol

from domain.identity.entities import Session, User
from domain.identity.errors import EmailTaken, SessionNotFound, UserNotFound
from domain.identity.values import Email, Password, PasswordHash, Token, TokenDigest, TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.ids import SessionId, UserId
from domain.shared.result import Result


class UserRepository(Protocol):
    """All users; no two share an e-mail address."""

    async def get(self, user_id: UserId) -> Result[User, UserNotFound | Unavailable]: ...

    async def get_by_email(self, email: Email) -> Result[User, UserNotFound | Unavailable]: ...

    async def add(self, user: User) -> Result[None, EmailTaken | Unavailable]: ...


class SessionRepository(Protocol):
    """All sessions, found by what is kept of their token."""

    async def get(
        self, session_id: SessionId, *, owner: UserId
    ) -> Result[Session, SessionNotFound | Unavailable]: ...

    async def get_by_token(
        self, digest: TokenDigest
    ) -> Result[Session, SessionNotFound | Unavailable]: ...

    async def add(self, session: Session) -> Result[None, Unavailable]: ...

    async def update(self, session: Session) -> Result[None, SessionNotFound | Unavailable]: ...


class PasswordHasher(Protocol):
    """Turns passwords into hashes and compares them, slowly on purpose, off the event loop."""

    async def hash(self, password: Password) -> PasswordHash: ...

    async def verify(self, password: Password, password_hash: PasswordHash | None) -> bool:
        """Compare; without a hash the answer is no, and takes as long."""


class TokenIssuer(Protocol):
    """Makes tokens that nobody can guess."""

    def issue(self) -> Token: ...


class OneTimeCodes(Protocol):
    """Codes of six digits that change every 30 seconds (TOTP, RFC 6238)."""

    def new_secret(self) -> TotpSecret: ...

    def step_of(self, code: str, secret: TotpSecret, at: datetime) -> int | None:
        """Return the time step that the code belongs to: of now, or the one before or after it."""

    def uri(self, secret: TotpSecret, *, holder: str) -> str:
        """Return what a program takes the secret from: `otpauth://totp/…`."""

    def picture(self, uri: str) -> str:
        """Return the same as a QR code (ISO 18004), in SVG."""


class Mailer(Protocol):
    """Sends letters to users."""

    async def welcome(self, email: Email) -> Result[None, Unavailable]: ...
