"""Check a password and a second factor, for users and for staff."""

import re
from dataclasses import dataclass, field
from types import TracebackType
from typing import ClassVar, Generic, Protocol, TypeVar

from dashtam.application.attempts import LimitedAttempt
from dashtam.application.contention import retry_on_conflict
from domain.identity.errors import InvalidCredentials, SecondFactorRequired
from domain.identity.ports import OneTimeCodes, PasswordHasher
from domain.identity.values import Password, PasswordHash, RecoveryCode, TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.events import AuditRecord
from domain.shared.limits import AttemptKey, LoginAttemptLimiter, TooManyRequests
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success

LoginError = InvalidCredentials | SecondFactorRequired | TooManyRequests
#: A refused attempt records these itself, with the reason.
RECORDED = (InvalidCredentials, SecondFactorRequired, TooManyRequests)

#: Compared where there is no second factor, so that the work is the same.
_NO_SECRET = TotpSecret(bytes(TotpSecret.LENGTH))


class Account(Protocol):
    """Somebody who can log in: a user, or a member of staff."""

    @property
    def password_hash(self) -> PasswordHash: ...

    @property
    def can_log_in(self) -> bool: ...


class Factor(Protocol):
    """A second factor that is confirmed."""

    @property
    def secret(self) -> TotpSecret: ...


A = TypeVar("A", bound=Account)
F = TypeVar("F", bound=Factor)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The error for the person, and the reason, which is only in the audit trail."""

    error: LoginError
    reason: str
    #: Whether something wrong was given, and not only too little.
    is_guess: bool = True


@dataclass(frozen=True, slots=True)
class OneTimeCode(Generic[F]):
    """A code that is right at this time step. Only consuming it shows whether it was used."""

    factor: F
    step: int


@dataclass(frozen=True, slots=True)
class Authenticated(Generic[A, F]):
    """Who it is; the code has to be consumed, and the stronger hash of the password stored."""

    account: A
    code: OneTimeCode[F] | RecoveryCode | None = None
    stronger_hash: PasswordHash | None = field(default=None, repr=False)


class LoginAttempt(LimitedAttempt, Generic[A, F]):
    """A limited attempt to log in, or to authenticate again within a session.

    A refusal is recorded when the attempt is over and counted.
    """

    def __init__(
        self,
        authenticator: "Authenticator[A, F]",
        account: A | None,
        keys: tuple[AttemptKey, ...],
        password: str,
        code: str | None,
    ) -> None:
        super().__init__(authenticator.attempts, *keys)
        self._authenticator = authenticator
        self._refusal: Refusal | None = None
        self.account = account
        self.password = password
        self.code = code

    def refuse(self, refusal: Refusal) -> Failure[LoginError]:
        """Refuse the attempt, and count it if it was a guess."""
        self._refusal = refusal
        if refusal.is_guess:
            self.failed()
        return Failure(refusal.error)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await super().__aexit__(kind, error, traceback)
        if error is None and self._refusal:
            await self._authenticator.record(self.account, self._refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator(Generic[A, F]):
    """Checks what somebody gives to log in; the subclasses know where accounts are stored.

    For a name that nobody has, everything is done as for a wrong password.
    """

    hasher: PasswordHasher
    one_time_codes: OneTimeCodes
    attempts: LoginAttemptLimiter
    clock: Clock
    unit_of_work: UnitOfWorkFactory

    #: The one answer to a name that nobody has, a wrong password and an account that is closed.
    wrong: ClassVar[LoginError]
    no_factor: ClassVar[Refusal | None] = None
    missing_code: ClassVar[Refusal]
    wrong_code: ClassVar[Refusal]
    #: Whether a wrong code is answered like a wrong password. Then the second factor is looked up
    #: whatever the password was, because the time would tell otherwise.
    answers_alike: ClassVar[bool]
    #: Whether a password with an outdated hash is hashed anew.
    rehashes: ClassVar[bool] = True

    def attempt(
        self,
        account: A | None,
        keys: tuple[AttemptKey, ...],
        *,
        password: str,
        code: str | None = None,
    ) -> LoginAttempt[A, F]:
        """Begin an attempt: `async with authenticator.attempt(...) as attempt`."""
        return LoginAttempt(self, account, keys, password, code)

    async def authenticate(
        self, attempt: LoginAttempt[A, F], *, is_possible: bool = True
    ) -> Result[Authenticated[A, F], LoginError | Unavailable]:
        """Compare the password, and the code where there is a second factor.

        What is not possible, such as an email address without an @, is not worth a hash.
        """
        if isinstance(attempt.reserved, Failure):
            return self._not_reserved(attempt, attempt.reserved.error)
        account, password = attempt.account, Password.from_input(attempt.password)
        expected = account.password_hash if account else None
        matches = is_possible and await self.hasher.verify(password, expected)
        reason = self.reason(account, matches=matches)
        looked_up = await self.find_factor(account) if self.answers_alike or not reason else None
        if isinstance(looked_up, Failure):
            return looked_up
        code = self._read_code(attempt.code, looked_up.value if looked_up else None)
        if account is None or reason:
            return attempt.refuse(Refusal(self.wrong, reason))
        if isinstance(code, Refusal):
            return attempt.refuse(code)
        # Hashing is slow, so it is done while no transaction is open.
        is_outdated = self.rehashes and self.hasher.is_outdated(account.password_hash)
        stronger_hash = await self.hasher.hash(password) if is_outdated else None
        return Success(Authenticated(account, code, stronger_hash))

    @retry_on_conflict
    async def record(self, account: A | None, refusal: Refusal) -> None:
        """Write to the audit trail why an attempt was refused.

        The attempt is counted by now, so a conflict must not repeat all of it.
        """
        refused = self.refused(account, refusal.reason)
        if refused:
            async with self.unit_of_work() as uow:
                await uow.commit(refused)

    def reason(self, account: A | None, *, matches: bool) -> str:
        """Return why somebody may not enter, or nothing if they may."""
        raise NotImplementedError

    async def find_factor(self, account: A | None) -> Result[F | None, Unavailable]:
        """Return the confirmed second factor of an account."""
        raise NotImplementedError

    def recovery_code(self, code: str) -> RecoveryCode | None:
        """Return a recovery code, if this can be one."""
        return None

    def refused(self, account: A | None, reason: str) -> AuditRecord | None:
        """Return the audit record of a refusal."""
        raise NotImplementedError

    def _not_reserved(
        self, attempt: LoginAttempt[A, F], error: TooManyRequests | Unavailable
    ) -> Failure[LoginError | Unavailable]:
        if isinstance(error, TooManyRequests):
            return attempt.refuse(Refusal(error, "limited"))
        return Failure(error)

    def _read_code(
        self, text: str | None, factor: F | None
    ) -> OneTimeCode[F] | RecoveryCode | Refusal | None:
        code = plain(text)
        secret = factor.secret if factor else _NO_SECRET
        step = self.one_time_codes.step_of(code, secret, self.clock.now())
        if factor is None:
            return self.no_factor
        if not code:
            return self.missing_code
        if step is not None:
            return OneTimeCode(factor, step)
        return self.recovery_code(code) or self.wrong_code


def plain(code: str | None) -> str:
    """Return a code without the spaces and hyphens that people type in it."""
    return re.sub(r"[\s-]", "", code or "")
