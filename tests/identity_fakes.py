"""Identity's ports in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from domain.audit.origin import origin
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
    Email,
    MailPurpose,
    Password,
    PasswordHash,
    RecoveryCode,
    Token,
    TokenDigest,
    TokenKind,
    Usage,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import ApiTokenId, SessionId, UserId
from domain.shared.limits import Charge, RateLimiter, TooManyRequests
from domain.shared.result import Failure, Result, Success
from tests.factories import NOON
from tests.fakes import Store, one, owned


class InMemoryUserRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, user_id: UserId) -> Result[User, UserNotFound | Unavailable]:
        return one(self._store.users.get(user_id), UserNotFound("No such user."))

    async def lock(self, user_id: UserId) -> Result[User, UserNotFound | Unavailable]:
        return await self.get(user_id)

    async def get_by_email(self, email: Email) -> Result[User, UserNotFound | Unavailable]:
        found = [user for user in self._store.users.values() if user.email == email]
        return one(next(iter(found), None), UserNotFound("No such user."))

    async def add(self, user: User) -> Result[None, EmailTaken | Unavailable]:
        if isinstance(await self.get_by_email(user.email), Success):
            return Failure(EmailTaken("This email address is already registered."))
        self._store.users[user.id] = user
        return Success(None)

    async def update(self, user: User) -> Result[None, UserNotFound | EmailTaken | Unavailable]:
        if user.id not in self._store.users:
            return Failure(UserNotFound("No such user."))
        found = await self.get_by_email(user.email)
        if isinstance(found, Success) and found.value.id != user.id:
            return Failure(EmailTaken("This email address is already registered."))
        self._store.users[user.id] = user
        return Success(None)


async def pay(
    rate_limiter: RateLimiter, charge: Charge | None, owner: UserId
) -> Result[None, TooManyRequests | Unavailable]:
    """Take a token from each bucket."""
    buckets = charge.buckets if charge else ()
    taken = [await rate_limiter.consume(f"{name} {owner}", limit) for name, limit in buckets]
    return next((each for each in taken if isinstance(each, Failure)), Success(None))


class InMemorySessionRepository:
    def __init__(self, store: Store, rate_limiter: RateLimiter) -> None:
        self._store = store
        self._rate_limiter = rate_limiter

    async def get(
        self, session_id: SessionId, *, owner: UserId
    ) -> Result[Session, SessionNotFound | Unavailable]:
        session = self._store.sessions.get(session_id)
        return one(owned(session, owner), SessionNotFound("No such session."))

    async def lock(
        self, session_id: SessionId, *, owner: UserId
    ) -> Result[Session, SessionNotFound | Unavailable]:
        return await self.get(session_id, owner=owner)

    async def get_by_token(
        self, digest: TokenDigest, charge: Charge | None = None
    ) -> Result[Session, SessionNotFound | TooManyRequests | Unavailable]:
        for session in self._store.sessions.values():
            if session.token_digest == digest and self._exists(session):
                self._store.usages[session.id] = Usage(NOON, origin.get().ip_address)
                due = charge if charge and session.accepts_token(charge.at) else None
                paid = await pay(self._rate_limiter, due, session.user_id)
                return paid if isinstance(paid, Failure) else Success(session)
        return Failure(SessionNotFound("No such session."))

    async def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[Session, Usage]], Unavailable]:
        sessions = self._store.sessions.values()
        found = [each for each in sessions if each.user_id == owner and self._exists(each)]
        found = sorted(found, key=lambda session: session.id, reverse=True)
        used = self._store.usages
        return Success([(s, used.get(s.id, Usage())) for s in found if s.is_active(at)])

    async def add(self, session: Session) -> Result[None, Unavailable]:
        self._store.sessions[session.id] = session
        return Success(None)

    async def update(self, session: Session) -> Result[None, SessionNotFound | Unavailable]:
        stored = self._store.sessions.get(session.id)
        if stored is None or stored.user_id != session.user_id or stored.ended_at is not None:
            return Failure(SessionNotFound("No such session."))
        stamp = self._store.sessions[session.id].security_stamp
        self._store.sessions[session.id] = replace(session, security_stamp=stamp)
        return Success(None)

    async def end_all(
        self,
        owner: UserId,
        at: datetime,
        *,
        except_for: SessionId | None = None,
        below: int | None = None,
    ) -> Result[int, Unavailable]:
        ended = [
            replace(each, ended_at=at)
            for each in self._store.sessions.values()
            if each.user_id == owner and each.is_active(at) and each.id != except_for
            if below is None or each.security_stamp < below
        ]
        self._store.sessions |= {each.id: each for each in ended}
        return Success(len(ended))

    async def restamp(
        self, session_id: SessionId, stamp: int, *, owner: UserId
    ) -> Result[None, SessionNotFound | Unavailable]:
        found = owned(self._store.sessions.get(session_id), owner)
        if found is None or found.ended_at is not None:
            return Failure(SessionNotFound("No such session."))
        self._store.sessions[session_id] = replace(found, security_stamp=stamp)
        return Success(None)

    def _exists(self, session: Session) -> bool:
        user = self._store.users.get(session.user_id)
        if user is None or user.erase_after is not None:
            return False
        return user.security_stamp == session.security_stamp


class InMemoryRefreshTokenRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get_by_token(
        self, digest: TokenDigest
    ) -> Result[RefreshToken, InvalidToken | Unavailable]:
        found = self._store.refresh_tokens.get(digest)
        return one(found, InvalidToken("The token is not valid."))

    async def add(self, token: RefreshToken) -> Result[None, Unavailable]:
        self._store.refresh_tokens[token.digest] = token
        return Success(None)

    async def consume(self, token: RefreshToken, at: datetime) -> Result[bool, Unavailable]:
        stored = self._store.refresh_tokens[token.digest]
        if stored.used_at is None:
            self._store.refresh_tokens[token.digest] = replace(stored, used_at=at)
        return Success(stored.used_at is None)


class InMemoryMailedTokenRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get_by_token(
        self, digest: TokenDigest
    ) -> Result[MailedToken, InvalidMailedToken | Unavailable]:
        found = [each for each in self._store.mailed_tokens.values() if each.digest == digest]
        missing = InvalidMailedToken("The token from the email is not valid or has expired.")
        return one(next(iter(found), None), missing)

    async def add(self, token: MailedToken) -> Result[None, Unavailable]:
        tokens = self._store.mailed_tokens
        for each in list(tokens.values()):
            same = (each.user_id, each.purpose) == (token.user_id, token.purpose)
            if same and each.used_at is None:
                tokens[each.id] = replace(each, used_at=token.issued_at)
        tokens[token.id] = token
        return Success(None)

    async def consume(self, token: MailedToken, at: datetime) -> Result[bool, Unavailable]:
        tokens = self._store.mailed_tokens[token.id]
        if tokens.used_at is None:
            self._store.mailed_tokens[token.id] = replace(tokens, used_at=at)
        return Success(tokens.used_at is None)

    async def consume_all(
        self, owner: UserId, purpose: MailPurpose, at: datetime
    ) -> Result[int, Unavailable]:
        active = [each for each in self._of(owner, purpose) if each.used_at is None]
        self._store.mailed_tokens |= {each.id: replace(each, used_at=at) for each in active}
        return Success(len(active))

    async def issued_since(
        self, owner: UserId, purpose: MailPurpose, moment: datetime
    ) -> Result[int, Unavailable]:
        issued = [each for each in self._of(owner, purpose) if each.issued_at >= moment]
        return Success(len([each for each in issued if each.used_at != each.issued_at]))

    def _of(self, owner: UserId, purpose: MailPurpose) -> list[MailedToken]:
        tokens = self._store.mailed_tokens.values()
        return [each for each in tokens if (each.user_id, each.purpose) == (owner, purpose)]


class InMemorySecondFactorRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, owner: UserId) -> Result[SecondFactor, SecondFactorNotFound | Unavailable]:
        found = self._store.second_factors.get(owner)
        return one(found, SecondFactorNotFound("No such second factor."))

    async def upsert(self, factor: SecondFactor) -> Result[None, Unavailable]:
        self._store.second_factors[factor.user_id] = factor
        return Success(None)

    async def remove(self, owner: UserId) -> Result[None, Unavailable]:
        self._store.second_factors.pop(owner, None)
        self._store.recovery_codes.pop(owner, None)
        return Success(None)

    async def consume_step(self, factor: SecondFactor, step: int) -> Result[bool, Unavailable]:
        stored = self._store.second_factors.get(factor.user_id)
        if stored is None or stored.id != factor.id or stored.last_step >= step:
            return Success(False)
        self._store.second_factors[factor.user_id] = replace(stored, last_step=step)
        return Success(True)

    async def replace_codes(
        self, owner: UserId, codes: Collection[RecoveryCode]
    ) -> Result[None, Unavailable]:
        self._store.recovery_codes[owner] = {code.digest: None for code in codes}
        return Success(None)

    async def consume_code(
        self, owner: UserId, code: RecoveryCode, at: datetime
    ) -> Result[bool, Unavailable]:
        codes = self._store.recovery_codes.get(owner, {})
        if codes.get(code.digest, at) is not None:
            return Success(False)
        self._store.recovery_codes[owner] = {**codes, code.digest: at}
        return Success(True)

    async def codes_left(self, owner: UserId) -> Result[int, Unavailable]:
        codes = self._store.recovery_codes.get(owner, {})
        return Success(sum(used_at is None for used_at in codes.values()))


class InMemoryApiTokenRepository:
    def __init__(self, store: Store, rate_limiter: RateLimiter) -> None:
        self._store = store
        self._rate_limiter = rate_limiter

    async def get(
        self, api_token_id: ApiTokenId, *, owner: UserId
    ) -> Result[ApiToken, ApiTokenNotFound | Unavailable]:
        token = self._store.api_tokens.get(api_token_id)
        return one(owned(token, owner), ApiTokenNotFound("No such API token."))

    async def get_by_token(
        self, digest: TokenDigest, charge: Charge | None = None
    ) -> Result[ApiToken, ApiTokenNotFound | TooManyRequests | Unavailable]:
        for token in self._store.api_tokens.values():
            user = self._store.users.get(token.user_id)
            if token.token_digest == digest and user and user.erase_after is None:
                self._store.usages[token.id] = Usage(NOON, origin.get().ip_address)
                due = charge if charge and token.is_active(charge.at) else None
                paid = await pay(self._rate_limiter, due, token.user_id)
                return paid if isinstance(paid, Failure) else Success(token)
        return Failure(ApiTokenNotFound("No such API token."))

    async def of_user(
        self, owner: UserId, at: datetime
    ) -> Result[Sequence[tuple[ApiToken, Usage]], Unavailable]:
        found = [each for each in self._store.api_tokens.values() if each.user_id == owner]
        found = sorted(found, key=lambda token: token.id, reverse=True)
        used = self._store.usages
        return Success([(t, used.get(t.id, Usage())) for t in found if t.is_active(at)])

    async def add(self, token: ApiToken) -> Result[None, Unavailable]:
        self._store.api_tokens[token.id] = token
        return Success(None)

    async def update(self, token: ApiToken) -> Result[None, ApiTokenNotFound | Unavailable]:
        stored = self._store.api_tokens.get(token.id)
        if stored is None or stored.user_id != token.user_id or stored.revoked_at is not None:
            return Failure(ApiTokenNotFound("No such API token."))
        self._store.api_tokens[token.id] = token
        return Success(None)

    async def revoke_all(self, owner: UserId, at: datetime) -> Result[int, Unavailable]:
        stored = self._store.api_tokens
        active = [t for t in stored.values() if t.user_id == owner and t.is_active(at)]
        stored |= {token.id: replace(token, revoked_at=at) for token in active}
        return Success(len(active))


class PlainHasher:
    """A fast hasher, for rules and never for secrets; it records its calls."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def hash(self, password: Password) -> PasswordHash:
        self.asked.append("hash")
        return PasswordHash(f"plain${password.text[::-1]}")

    async def verify(self, password: Password, password_hash: PasswordHash | None) -> bool:
        self.asked.append("verify")
        text = (password_hash or "").partition("$")[2]
        return password_hash is not None and text == password.text[::-1]

    def is_outdated(self, password_hash: PasswordHash) -> bool:
        return not password_hash.startswith("plain$")


class ShortList:
    """A judge that knows a few common passwords."""

    async def is_weak(self, password: Password, username: str) -> bool:
        common = {"passwordpassword", "123456789012345"}
        return password.text in common or username in password.text


class CountingTokens:
    """Tokens that are known beforehand."""

    def __init__(self, first: int = 0) -> None:
        self._issued = first

    def issue(self, kind: TokenKind = TokenKind.ACCESS) -> Token:
        self._issued += 1
        return Token.of(self._issued.to_bytes(32, "big"), kind)

    def recovery_code(self) -> RecoveryCode:
        self._issued += 1
        return RecoveryCode.of(self._issued.to_bytes(RecoveryCode.LENGTH, "big"))


class InMemoryMailer:
    """Records emails instead of sending them: their template, recipient and token."""

    def __init__(self) -> None:
        self.emails: list[tuple[str, Email, Token | None]] = []
        #: Whether its server refuses everything.
        self.is_down = False

    async def send_email(self, email: Email, message: EmailMessage) -> Result[None, Unavailable]:
        if self.is_down:
            return Failure(Unavailable("The letter could not be sent."))
        self.emails.append((message.template, email, message.token))
        return Success(None)
