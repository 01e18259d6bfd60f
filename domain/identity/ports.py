"""The ports of users and their authentication."""

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
from domain.shared.limits import Charge, TooManyRequests
from domain.shared.result import Result


class UserRepository(Protocol):
    """All users; no two have the same email address."""

    async def get(self, user_id: UserId) -> Result[User, UserNotFound | Unavailable]: ...

    async def lock(self, user_id: UserId) -> Result[User, UserNotFound | Unavailable]:
        """Return a user, locked until the transaction ends."""

    async def get_by_email(self, email: Email) -> Result[User, UserNotFound | Unavailable]: ...

    async def add(self, user: User) -> Result[None, EmailTaken | Unavailable]: ...

    async def update(self, user: User) -> Result[None, UserNotFound | EmailTaken | Unavailable]:
        """Store a changed user. If the email address is taken, the transaction cannot go on."""


class SessionRepository(Protocol):
    """All sessions; they are found by the digest of their access token."""

    async def get(
        self, session_id: SessionId, *, owner: UserId
    ) -> Result[Session, SessionNotFound | Unavailable]: ...

    async def lock(
        self, session_id: SessionId, *, owner: UserId
    ) -> Result[Session, SessionNotFound | Unavailable]:
        """Return a session, locked until the transaction ends."""

    async def get_by_token(
        self, digest: TokenDigest, charge: Charge | None = None
    ) -> Result[Session, SessionNotFound | TooManyRequests | Unavailable]:
        """Return a session with the present security stamp of its user, and record its use.

        If it accepts its token, this takes what is charged, or refuses it if that is not there.
        """

    async def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[Session, Usage]], Unavailable]:
        """Return the sessions that are active at this time, latest first."""

    async def add(self, session: Session) -> Result[None, Unavailable]: ...

    async def update(self, session: Session) -> Result[None, SessionNotFound | Unavailable]:
        """Store a changed session, unless it has ended."""

    async def end_all(
        self,
        owner: UserId,
        at: datetime,
        *,
        except_for: SessionId | None = None,
        below: int | None = None,
    ) -> Result[int, Unavailable]:
        """End all active sessions of a user, except the one in `except_for`.

        With `below`, end only those with a lower security stamp.
        """

    async def restamp(
        self, session_id: SessionId, stamp: int, *, owner: UserId
    ) -> Result[None, SessionNotFound | Unavailable]:
        """Give an active session another security stamp, with which it goes on."""


class RefreshTokenRepository(Protocol):
    """All refresh tokens, including used ones."""

    async def get_by_token(
        self, digest: TokenDigest
    ) -> Result[RefreshToken, InvalidToken | Unavailable]: ...

    async def add(self, token: RefreshToken) -> Result[None, Unavailable]: ...

    async def consume(self, token: RefreshToken, at: datetime) -> Result[bool, Unavailable]:
        """Use it up, and return whether it was this call that did."""


class MailedTokenRepository(Protocol):
    """All tokens that were sent by email."""

    async def get_by_token(
        self, digest: TokenDigest
    ) -> Result[MailedToken, InvalidMailedToken | Unavailable]: ...

    async def add(self, token: MailedToken) -> Result[None, Unavailable]:
        """Insert a token, and use up the earlier ones of its user for the same purpose."""

    async def consume(self, token: MailedToken, at: datetime) -> Result[bool, Unavailable]:
        """Use it up, and return whether it was this call that did."""

    async def consume_all(
        self, owner: UserId, purpose: MailPurpose, at: datetime
    ) -> Result[int, Unavailable]:
        """Use up all tokens of a user for this purpose."""

    async def issued_since(
        self, owner: UserId, purpose: MailPurpose, moment: datetime
    ) -> Result[int, Unavailable]:
        """Count the tokens issued for a purpose since then, except those withdrawn at once."""


class SecondFactorRepository(Protocol):
    """Second factors, at most one for each user, and their recovery codes."""

    async def get(
        self, owner: UserId
    ) -> Result[SecondFactor, SecondFactorNotFound | Unavailable]: ...

    async def upsert(self, factor: SecondFactor) -> Result[None, Unavailable]:
        """Insert a factor, or replace the one that its user has."""

    async def remove(self, owner: UserId) -> Result[None, Unavailable]:
        """Delete a user's second factor and all recovery codes."""

    async def consume_step(self, factor: SecondFactor, step: int) -> Result[bool, Unavailable]:
        """Use up the code of a time step; return false if it had been used up already."""

    async def replace_codes(
        self, owner: UserId, codes: Collection[RecoveryCode]
    ) -> Result[None, Unavailable]:
        """Store these recovery codes instead of all others."""

    async def consume_code(
        self, owner: UserId, code: RecoveryCode, at: datetime
    ) -> Result[bool, Unavailable]:
        """Use up a recovery code; return false if it had been used up already."""

    async def codes_left(self, owner: UserId) -> Result[int, Unavailable]: ...


class ApiTokenRepository(Protocol):
    """All API tokens."""

    async def get(
        self, api_token_id: ApiTokenId, *, owner: UserId
    ) -> Result[ApiToken, ApiTokenNotFound | Unavailable]: ...

    async def get_by_token(
        self, digest: TokenDigest, charge: Charge | None = None
    ) -> Result[ApiToken, ApiTokenNotFound | TooManyRequests | Unavailable]:
        """Return a token of a user whose account is open, and record its use.

        If it is valid, this takes what is charged, or refuses it if that is not there.
        """

    async def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[ApiToken, Usage]], Unavailable]:
        """Return the tokens that are valid at this time, latest first."""

    async def add(self, token: ApiToken) -> Result[None, Unavailable]: ...

    async def update(self, token: ApiToken) -> Result[None, ApiTokenNotFound | Unavailable]:
        """Store the revocation of a token, unless it was revoked already."""

    async def revoke_all(self, owner: UserId, at: datetime) -> Result[int, Unavailable]: ...


class PasswordHasher(Protocol):
    """Hashes and verifies passwords: slow on purpose, and off the event loop."""

    async def hash(self, password: Password) -> PasswordHash: ...

    async def verify(self, password: Password, password_hash: PasswordHash | None) -> bool:
        """Compare a password with a hash. Without one, return false after the same work."""

    def is_outdated(self, password_hash: PasswordHash) -> bool:
        """Return whether a hash has weaker parameters than those in use now."""


class PasswordPolicy(Protocol):
    """Decides which passwords are too weak."""

    async def is_weak(self, password: Password, username: str) -> bool:
        """Return whether it is common, a pattern, or contains the user's name."""


class TokenIssuer(Protocol):
    """Issues tokens that nobody can guess."""

    def issue(self, kind: TokenKind = TokenKind.ACCESS) -> Token: ...

    def recovery_code(self) -> RecoveryCode: ...


class DeviceTokens(Protocol):
    """Signed tokens that identify a device; none is stored.

    `account` identifies the user and the present password, so a new password makes all device
    tokens void.
    """

    def issue(self, device: Device, account: str, at: datetime) -> Token: ...

    def recognise(self, text: str, account: str, at: datetime) -> Device | None:
        """Return the device of a token if it is genuine, for this account, and not expired."""


class OneTimeCodes(Protocol):
    """One-time codes of six digits that change every 30 seconds (TOTP, RFC 6238)."""

    def new_secret(self) -> TotpSecret: ...

    def step_of(self, code: str, secret: TotpSecret, at: datetime) -> int | None:
        """Return the time step of a code: the present one, the one before, or the one after."""

    def uri(self, secret: TotpSecret, *, username: str) -> str:
        """Return the URI from which an authenticator app reads the secret: `otpauth://totp/…`."""

    def picture(self, uri: str) -> str:
        """Return the URI as a QR code (ISO 18004) in SVG."""


class Mailer(Protocol):
    """Sends emails to users."""

    async def send_email(self, email: Email, message: EmailMessage) -> Result[None, Unavailable]:
        """Send one email."""
