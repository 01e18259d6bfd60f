"""What identity needs from the outside."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.identity.emails import EmailMessage
from domain.identity.entities import (
    ApiToken,
    MailedToken,
    RefreshToken,
    SecondFactor,
    Session,
    User,
)
from domain.identity.errors import (
    ApiTokenNotFound,
    EmailTaken,
    InvalidMailedToken,
    InvalidToken,
    SecondFactorNotFound,
    SessionNotFound,
    UserNotFound,
)
from domain.identity.values import (
    Device,
    Email,
    MailPurpose,
    Password,
    PasswordHash,
    RecoveryCode,
    Token,
    TokenDigest,
    TokenKind,
    TotpSecret,
    Usage,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import ApiTokenId, SessionId, UserId
from domain.shared.result import Result


class UserRepository(Protocol):
    """All users; no two share an e-mail address."""

    async def get(self, user_id: UserId) -> Result[User, UserNotFound | Unavailable]: ...

    async def lock(self, user_id: UserId) -> Result[User, UserNotFound | Unavailable]:
        """Return a user whom nobody else changes until the transaction ends."""

    async def get_by_email(self, email: Email) -> Result[User, UserNotFound | Unavailable]: ...

    async def add(self, user: User) -> Result[None, EmailTaken | Unavailable]: ...

    async def update(self, user: User) -> Result[None, UserNotFound | EmailTaken | Unavailable]:
        """Store a changed user. If the email address is taken, the transaction cannot go on."""


class SessionRepository(Protocol):
    """All sessions, found by what is kept of their access token."""

    async def get(
        self, session_id: SessionId, *, owner: UserId
    ) -> Result[Session, SessionNotFound | Unavailable]: ...

    async def lock(
        self, session_id: SessionId, *, owner: UserId
    ) -> Result[Session, SessionNotFound | Unavailable]:
        """Return a session that nobody else changes until the transaction ends."""

    async def get_by_token(
        self, digest: TokenDigest
    ) -> Result[Session, SessionNotFound | Unavailable]:
        """Return a session that has the security stamp of its user, and note that it is used."""

    async def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[Session, Usage]], Unavailable]:
        """Return the sessions that can be renewed at this time, the latest first."""

    async def add(self, session: Session) -> Result[None, Unavailable]: ...

    async def update(self, session: Session) -> Result[None, SessionNotFound | Unavailable]:
        """Store a changed session, unless it has ended."""

    async def end_all(
        self,
        owner: UserId,
        at: datetime,
        *,
        keep: SessionId | None = None,
        below: int | None = None,
    ) -> Result[int, Unavailable]:
        """End all sessions of a user that are not over, but for the one that is kept.

        With `below`, only those whose security stamp is a lower one.
        """

    async def restamp(
        self, session_id: SessionId, stamp: int, *, owner: UserId
    ) -> Result[None, SessionNotFound | Unavailable]:
        """Let a session that is not over go on under another security stamp."""


class RefreshTokenRepository(Protocol):
    """All tokens that sessions are renewed with, used ones too."""

    async def get_by_token(
        self, digest: TokenDigest
    ) -> Result[RefreshToken, InvalidToken | Unavailable]: ...

    async def add(self, token: RefreshToken) -> Result[None, Unavailable]: ...

    async def consume(self, token: RefreshToken, at: datetime) -> Result[bool, Unavailable]:
        """Use it up, and return whether it was this call that did."""


class MailedTokenRepository(Protocol):
    """All tokens that were sent by mail."""

    async def get_by_token(
        self, digest: TokenDigest
    ) -> Result[MailedToken, InvalidMailedToken | Unavailable]: ...

    async def add(self, token: MailedToken) -> Result[None, Unavailable]:
        """Insert one, and use up those of its user for the same purpose."""

    async def consume(self, token: MailedToken, at: datetime) -> Result[bool, Unavailable]:
        """Use it up, and return whether it was this call that did."""

    async def consume_all(
        self, owner: UserId, purpose: MailPurpose, at: datetime
    ) -> Result[int, Unavailable]:
        """Use up all that a user has for this purpose."""

    async def issued_since(
        self, owner: UserId, purpose: MailPurpose, moment: datetime
    ) -> Result[int, Unavailable]:
        """Count those made for a purpose since then, but for any used up the moment it was made."""


class SecondFactorRepository(Protocol):
    """Second factors, at most one for each user, and the recovery codes that stand in for it."""

    async def get(
        self, owner: UserId
    ) -> Result[SecondFactor, SecondFactorNotFound | Unavailable]: ...

    async def upsert(self, factor: SecondFactor) -> Result[None, Unavailable]:
        """Insert it, or replace the one that its user has."""

    async def remove(self, owner: UserId) -> Result[None, Unavailable]:
        """Delete a user's second factor and all recovery codes."""

    async def consume_step(self, factor: SecondFactor, step: int) -> Result[bool, Unavailable]:
        """Use up the code of a time step, and return whether it was this call that did."""

    async def replace_codes(
        self, owner: UserId, codes: Collection[RecoveryCode]
    ) -> Result[None, Unavailable]:
        """Store these recovery codes instead of all others."""

    async def consume_code(
        self, owner: UserId, code: RecoveryCode, at: datetime
    ) -> Result[bool, Unavailable]:
        """Use a recovery code up, and return whether it was this call that did."""

    async def codes_left(self, owner: UserId) -> Result[int, Unavailable]: ...

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Put what is sealed of a user under the key in use; return how many it was."""


class ApiTokenRepository(Protocol):
    """All tokens for programs."""

    async def get(
        self, api_token_id: ApiTokenId, *, owner: UserId
    ) -> Result[ApiToken, ApiTokenNotFound | Unavailable]: ...

    async def get_by_token(
        self, digest: TokenDigest
    ) -> Result[ApiToken, ApiTokenNotFound | Unavailable]:
        """Return a token of a user whose account is not closed, and note that it is used."""

    async def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[ApiToken, Usage]], Unavailable]:
        """Return the tokens that are good at this time, the latest first."""

    async def add(self, token: ApiToken) -> Result[None, Unavailable]: ...

    async def update(self, token: ApiToken) -> Result[None, ApiTokenNotFound | Unavailable]:
        """Store that a token was revoked, unless it was already."""

    async def revoke_all(self, owner: UserId, at: datetime) -> Result[int, Unavailable]: ...


class PasswordHasher(Protocol):
    """Makes passwords into hashes and compares them, slowly on purpose, off the event loop."""

    async def hash(self, password: Password) -> PasswordHash: ...

    async def verify(self, password: Password, password_hash: PasswordHash | None) -> bool:
        """Compare. Without a hash the answer is no, and takes as long."""

    def is_outdated(self, password_hash: PasswordHash) -> bool:
        """Return whether a hash was made with less work than today's hashes."""


class PasswordPolicy(Protocol):
    """Decides which passwords are too weak."""

    async def is_weak(self, password: Password, username: str) -> bool:
        """Return whether it is common, a pattern, or contains the username's name."""


class TokenIssuer(Protocol):
    """Makes tokens that nobody can guess."""

    def issue(self, kind: TokenKind = TokenKind.ACCESS) -> Token: ...

    def recovery_code(self) -> RecoveryCode: ...


class DeviceTokens(Protocol):
    """Signed tokens by which a device is recognised; none is stored.

    `account` names the owner and their password: after a change no device is recognised.
    """

    def issue(self, device: Device, account: str, at: datetime) -> Token: ...

    def recognise(self, text: str, account: str, at: datetime) -> Device | None:
        """Return the device of a token that is genuine, of this account and not too old."""


class OneTimeCodes(Protocol):
    """Codes of six digits that change every 30 seconds (TOTP, RFC 6238)."""

    def new_secret(self) -> TotpSecret: ...

    def step_of(self, code: str, secret: TotpSecret, at: datetime) -> int | None:
        """Return the time step that the code belongs to: of now, or the one before or after it."""

    def uri(self, secret: TotpSecret, *, username: str) -> str:
        """Return what a program takes the secret from: `otpauth://totp/…`."""

    def picture(self, uri: str) -> str:
        """Return the same as a QR code (ISO 18004), in SVG."""


class Mailer(Protocol):
    """Sends emails to users."""

    async def send_email(self, email: Email, message: EmailMessage) -> Result[None, Unavailable]:
        """Send one email."""
