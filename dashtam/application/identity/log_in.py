"""Log in, and authenticate again within a session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashtam.application.attempts import attempt_keys
from dashtam.application.audit.refusals import audit_failures
from dashtam.application.authentication import (
    RECORDED,
    Authenticated,
    Authenticator,
    LoginAttempt,
    LoginError,
    OneTimeCode,
    Refusal,
)
from dashtam.application.concurrency_limit import ConcurrencyLimit
from dashtam.application.contention import retry_on_conflict
from dashtam.application.identity.email_tokens import find_user_by_email
from dashtam.application.identity.sessions import OpenedSession, recognise, token_of_session
from dashtam.application.use_case import UseCase, or_none
from domain.audit.origin import origin
from domain.identity.actions import LOGIN_FAILED
from domain.identity.entities import RefreshToken, SecondFactor, Session, User
from domain.identity.errors import (
    EmailTaken,
    InvalidCredentials,
    SecondFactorRequired,
    SessionNotFound,
    UserNotFound,
)
from domain.identity.events import RecoveryCodeUsed
from domain.identity.ports import (
    DeviceTokens,
    RefreshTokenRepository,
    SecondFactorRepository,
    SessionRepository,
    TokenIssuer,
    UserRepository,
)
from domain.identity.values import Email, RecoveryCode, TokenKind
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, AuditRecord, Fact, ResourceType
from domain.shared.ids import SessionId, UserId, new_id
from domain.shared.limits import AttemptKey
from domain.shared.result import Failure, Result, Success

UserAttempt = LoginAttempt[User, SecondFactor]
AuthenticatedUser = Authenticated[User, SecondFactor]
Consumed = Result[Sequence[Fact], LoginError | Unavailable]

WRONG = InvalidCredentials("Wrong email address or password.")
CODE_MISSING = SecondFactorRequired("Enter a code from your authenticator app or a recovery code.")
CODE_WRONG = SecondFactorRequired("That code is wrong or has expired.")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAuthenticator(Authenticator[User, SecondFactor]):
    """Users have to enter a code once their password is right, and have recovery codes."""

    users: UserRepository
    second_factors: SecondFactorRepository

    wrong = WRONG
    missing_code = Refusal(CODE_MISSING, "no-code", is_guess=False)
    wrong_code = Refusal(CODE_WRONG, "wrong-code")
    answers_alike = False

    def reason(self, account: User | None, *, matches: bool) -> str:
        if account is None:
            return "unknown-address"
        if not matches:
            return "wrong-password"
        if account.can_log_in:
            return ""
        return "unverified" if account.erase_after is None else "deleted"

    async def find_factor(self, account: User | None) -> Result[SecondFactor | None, Unavailable]:
        assert account is not None
        async with self.unit_of_work(owner=account.id):
            found = or_none(await self.second_factors.get(account.id))
        if isinstance(found, Failure) or (found.value and found.value.confirmed_at):
            return found
        return Success(None)

    def recovery_code(self, code: str) -> RecoveryCode | None:
        return None if code.isdigit() else RecoveryCode.from_input(code)

    def refused(self, account: User | None, reason: str) -> AuditRecord:
        return LOGIN_FAILED.record(
            subject_id=account.id if account else None,
            actor=origin.get().actor,
            occurred_at=self.clock.now(),
            reason=reason,
        )

    async def consume(
        self, attempt: UserAttempt, authenticated: AuthenticatedUser, at: datetime
    ) -> Consumed:
        """Store a stronger hash and use up the code, in the caller's transaction."""
        # Lock the user before the second factor, or two requests deadlock.
        rehashed = await self._rehash(attempt, authenticated, at)
        if isinstance(rehashed, Failure):
            return rehashed
        match authenticated.code:
            case None:
                return rehashed
            case RecoveryCode() as code:
                consumed = await self._consume_recovery_code(attempt, code, at)
            case OneTimeCode(factor, step):
                consumed = await self._consume_step(attempt, factor, step)
        if isinstance(consumed, Failure):
            return consumed
        return Success([*rehashed.value, *consumed.value])

    async def _rehash(
        self, attempt: UserAttempt, authenticated: AuthenticatedUser, at: datetime
    ) -> Consumed:
        """Store the same password in a stronger form, unless it was changed meanwhile."""
        if authenticated.stronger_hash is None:
            return Success([])
        found = await self.users.lock(authenticated.account.id)
        if isinstance(found, Failure):
            return _unless_gone(attempt, found.error)
        if found.value.password_hash != authenticated.account.password_hash:
            return Success([])
        user, rehashed = found.value.rehash(authenticated.stronger_hash, at)
        updated = await self.users.update(user)
        if isinstance(updated, Failure):
            return _unless_gone(attempt, updated.error)
        return Success([rehashed])

    async def _consume_step(
        self, attempt: UserAttempt, factor: SecondFactor, step: int
    ) -> Consumed:
        consumed = await self.second_factors.consume_step(factor, step)
        if isinstance(consumed, Failure):
            return consumed
        if not consumed.value:
            return attempt.refuse(Refusal(CODE_WRONG, "code-replayed"))
        return Success([])

    async def _consume_recovery_code(
        self, attempt: UserAttempt, code: RecoveryCode, at: datetime
    ) -> Consumed:
        assert attempt.account is not None
        owner = attempt.account.id
        consumed = await self.second_factors.consume_code(owner, code, at)
        if isinstance(consumed, Failure):
            return consumed
        if not consumed.value:
            return attempt.refuse(Refusal(CODE_WRONG, "recovery-code-not-good"))
        left = await self.second_factors.codes_left(owner)
        if isinstance(left, Failure):
            return left
        used = RecoveryCodeUsed(
            subject_id=owner, actor=Actor.user(owner), occurred_at=at, left=left.value
        )
        return Success([used])


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn(UseCase):
    """Open a session for somebody who gives the password, and a code if one is needed.

    An unknown email address, a wrong password, an email address that is not verified and an
    account that is closed get the same answer after the same work.
    """

    users: UserRepository
    sessions: SessionRepository
    refresh_tokens: RefreshTokenRepository
    tokens: TokenIssuer
    devices: DeviceTokens
    authenticator: UserAuthenticator
    password_limit: ConcurrencyLimit

    @audit_failures("session.open", ResourceType.SESSION, except_for=RECORDED)
    @retry_on_conflict
    async def __call__(
        self, *, email: str, password: str, code: str | None = None, device_token: str = ""
    ) -> Result[OpenedSession, LoginError | Unavailable]:
        # Too many at once would starve everything else of connections and of the event loop.
        async with self.password_limit.slot():
            return await self._log_in(email, password, code, device_token)

    async def _log_in(
        self, email: str, password: str, code: str | None, device_token: str
    ) -> Result[OpenedSession, LoginError | Unavailable]:
        parsed = Email.parse(email)
        address = parsed.value if isinstance(parsed, Success) else None
        found = await find_user_by_email(self.users, address) if address else Success(None)
        if isinstance(found, Failure):
            return found
        device = recognise(self.devices, found.value, device_token, self.clock)
        # Staff names are counted separately, because they are not email addresses.
        keys = attempt_keys(address.address if address else f"no address {email}", device)
        async with self.authenticator.attempt(
            found.value, keys, password=password, code=code
        ) as attempt:
            authenticated = await self.authenticator.authenticate(
                attempt, is_possible=address is not None
            )
            if isinstance(authenticated, Failure):
                return authenticated
            return await self._open(attempt, authenticated.value)

    async def _open(
        self, attempt: UserAttempt, authenticated: AuthenticatedUser
    ) -> Result[OpenedSession, LoginError | Unavailable]:
        now, user = self.clock.now(), authenticated.account
        access, refresh = self.tokens.issue(), self.tokens.issue(TokenKind.REFRESH)
        session, opened = Session.open(
            id=SessionId(new_id()),
            user_id=user.id,
            token_digest=access.digest,
            at=now,
            security_stamp=user.security_stamp,
            user_agent=origin.get().user_agent,
            ip_address=origin.get().ip_address,
        )
        stored = RefreshToken.issue(session, refresh.digest, now)
        async with self.unit_of_work(owner=user.id) as uow:
            consumed = await self.authenticator.consume(attempt, authenticated, now)
            if isinstance(consumed, Failure):
                return consumed
            for added in (await self.sessions.add(session), await self.refresh_tokens.add(stored)):
                if isinstance(added, Failure):
                    return added
            await uow.commit(opened, *consumed.value)
        return Success(
            OpenedSession(
                session=session,
                access_token=access,
                refresh_token=refresh,
                refresh_expires_at=stored.expires_at,
                device_token=token_of_session(self.devices, session, self.clock),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReauthenticateSession(UseCase):
    """Record that the user of a session authenticated again (RFC 9470); its tokens stay."""

    users: UserRepository
    sessions: SessionRepository
    authenticator: UserAuthenticator

    @audit_failures("session.prove", ResourceType.SESSION, except_for=RECORDED)
    @retry_on_conflict
    async def __call__(
        self, *, session_id: SessionId, user_id: UserId, password: str, code: str | None = None
    ) -> Result[None, LoginError | SessionNotFound | UserNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id):
            found = await self.users.get(user_id)
        if isinstance(found, Failure):
            return found
        # Strangers cannot use up these attempts, and a stolen session has no more than these.
        keys = (AttemptKey.of_credential(session_id),)
        async with self.authenticator.attempt(
            found.value, keys, password=password, code=code
        ) as attempt:
            authenticated = await self.authenticator.authenticate(attempt)
            if isinstance(authenticated, Failure):
                return authenticated
            return await self._update(session_id, attempt, authenticated.value)

    async def _update(
        self, session_id: SessionId, attempt: UserAttempt, authenticated: AuthenticatedUser
    ) -> Result[None, LoginError | SessionNotFound | Unavailable]:
        now, owner = self.clock.now(), authenticated.account.id
        async with self.unit_of_work(owner=owner) as uow:
            consumed = await self.authenticator.consume(attempt, authenticated, now)
            if isinstance(consumed, Failure):
                return consumed
            found = await self.sessions.lock(session_id, owner=owner)
            if isinstance(found, Failure):
                return found
            if not found.value.is_active(now):
                return Failure(SessionNotFound())
            session, reauthenticated = found.value.reauthenticate(now)
            updated = await self.sessions.update(session)
            if isinstance(updated, Failure):
                return updated
            await uow.commit(reauthenticated, *consumed.value)
        return Success(None)


def _unless_gone(
    attempt: UserAttempt, error: UserNotFound | EmailTaken | Unavailable
) -> Failure[LoginError | Unavailable]:
    """Treat a user who was erased meanwhile as one who is unknown."""
    if isinstance(error, Unavailable):
        return Failure(error)
    return attempt.refuse(Refusal(WRONG, "deleted"))
