"""Register, verify, show and change a user."""

from dataclasses import dataclass, field

from dashtam.application.attempts import LimitedAttempt
from dashtam.application.audit.refusals import audit_failures
from dashtam.application.concurrency_limit import ConcurrencyLimit
from dashtam.application.contention import retry_on_conflict
from dashtam.application.identity.email_tokens import INVALID, find_valid_token, redeem_token
from dashtam.application.identity.passwords import hash_chosen
from dashtam.application.query import audited_query
from dashtam.application.use_case import UseCase
from domain.identity.actions import USER_VIEWED
from domain.identity.entities import MailedToken, Session, User
from domain.identity.errors import (
    EmailTaken,
    InvalidCredentials,
    InvalidEmail,
    InvalidMailedToken,
    InvalidToken,
    SessionNotFound,
    UserNotFound,
    WeakPassword,
)
from domain.identity.events import RegistrationRepeated
from domain.identity.ports import (
    MailedTokenRepository,
    PasswordHasher,
    PasswordPolicy,
    SessionRepository,
    UserRepository,
)
from domain.identity.values import Email, MailPurpose, Password, PasswordHash
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, Fact, ResourceType
from domain.shared.ids import UserId, new_id
from domain.shared.limits import AttemptKey, LoginAttemptLimiter, TooManyRequests
from domain.shared.result import Failure, Result, Success

RegisterUserError = InvalidEmail | WeakPassword | EmailTaken | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterUser(UseCase):
    """Register somebody with an email address and a password.

    If the email address is taken, its owner gets an email, and the work done is the same.
    """

    users: UserRepository
    hasher: PasswordHasher
    password_policy: PasswordPolicy
    password_limit: ConcurrencyLimit

    @audit_failures("user.register", ResourceType.USER, except_for=(EmailTaken,))
    @retry_on_conflict
    async def __call__(self, *, email: str, password: str) -> Result[User, RegisterUserError]:
        address = Email.parse(email)
        if isinstance(address, Failure):
            return address
        username = address.value.address
        hashed = await hash_chosen(
            password, username, self.password_policy, self.hasher, self.password_limit
        )
        if isinstance(hashed, Failure):
            return hashed
        user, registered = User.register(
            id=UserId(new_id()),
            email=address.value,
            password_hash=hashed.value,
            at=self.clock.now(),
        )
        async with self.unit_of_work(owner=user.id) as uow:
            added = await self.users.add(user)
            if isinstance(added, Failure) and not isinstance(added.error, EmailTaken):
                return added
            # Look it up in both cases, so that both need the same statements in one transaction.
            found = await self.users.get_by_email(address.value)
            if isinstance(added, Success):
                await uow.commit(registered)
                return Success(user)
            await uow.commit(self._repeated(found))
        return added

    def _repeated(self, found: Result[User, UserNotFound | Unavailable]) -> RegistrationRepeated:
        return RegistrationRepeated(
            subject_id=found.value.id if isinstance(found, Success) else None,
            actor=ANONYMOUS,
            occurred_at=self.clock.now(),
        )


PasswordError = WeakPassword | InvalidCredentials | TooManyRequests
VerifyEmailError = InvalidMailedToken | PasswordError | EmailTaken | UserNotFound | Unavailable

WRONG = InvalidCredentials("Wrong password.")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyEmail(UseCase):
    """Verify an email address with the token that was sent to it.

    A stranger may have registered it. So whoever verifies a registration chooses the password,
    whatever was given before, and whoever verifies another email address for an account has to
    know its password. If somebody else has verified the address meanwhile, nothing changes.
    """

    users: UserRepository
    mailed_tokens: MailedTokenRepository
    hasher: PasswordHasher
    password_policy: PasswordPolicy
    password_limit: ConcurrencyLimit
    attempts: LoginAttemptLimiter

    @audit_failures("email.verify", ResourceType.USER)
    @retry_on_conflict
    async def __call__(self, *, token: str, password: str) -> Result[None, VerifyEmailError]:
        now = self.clock.now()
        found = await find_valid_token(self.mailed_tokens, token, MailPurpose.VERIFY_EMAIL, now)
        if isinstance(found, Failure):
            return found
        mailed = found.value
        async with self.unit_of_work(owner=mailed.user_id):
            user = await self.users.get(mailed.user_id)
        if isinstance(user, Failure):
            return INVALID if isinstance(user.error, UserNotFound) else Failure(user.error)
        chosen = await self._password(user.value, mailed, password)
        return chosen if isinstance(chosen, Failure) else await self._verify(mailed, chosen.value)

    async def _password(
        self, user: User, mailed: MailedToken, password: str
    ) -> Result[PasswordHash, PasswordError | Unavailable]:
        """Return the hash to store. Hashing is slow, so no transaction is open."""
        if user.verified_at is not None:
            return await self._check_password(user, mailed, password)
        username = mailed.email.address
        return await hash_chosen(
            password, username, self.password_policy, self.hasher, self.password_limit
        )

    async def _check_password(
        self, user: User, mailed: MailedToken, password: str
    ) -> Result[PasswordHash, PasswordError | Unavailable]:
        async with LimitedAttempt(self.attempts, AttemptKey.of_credential(mailed.id)) as attempt:
            if isinstance(attempt.reserved, Failure):
                return attempt.reserved
            async with self.password_limit.slot():
                matches = await self.hasher.verify(
                    Password.from_input(password), user.password_hash
                )
            if matches:
                return Success(user.password_hash)
            attempt.failed()
            return Failure(WRONG)

    async def _verify(
        self, mailed: MailedToken, password_hash: PasswordHash
    ) -> Result[None, VerifyEmailError]:
        now = self.clock.now()
        async with self.unit_of_work(owner=mailed.user_id) as uow:
            owner = await redeem_token(self.mailed_tokens, self.users, mailed, now)
            if isinstance(owner, Failure):
                return owner
            user = owner.value
            # The password was reset or changed meanwhile, so the given one proves nothing.
            if user.verified_at is not None and user.password_hash != password_hash:
                return INVALID
            verified, event = user.verify(mailed.email, now, password_hash)
            updated = await self.users.update(verified)
            if isinstance(updated, Failure):
                return updated
            await uow.commit(event)
        return Success(None)


ChangeError = InvalidToken | SessionNotFound | UserNotFound | EmailTaken | Unavailable
ChangeUserError = InvalidEmail | WeakPassword | ChangeError


@dataclass(frozen=True, slots=True)
class UserChanges:
    """What to change: validated, and the password hashed."""

    password_hash: PasswordHash | None = field(repr=False)
    email: Email | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUser(UseCase):
    """Change the password at once, and the email address once it is verified.

    A new password ends all other sessions; this one goes on with the new security stamp. The
    response does not reveal whether the email address is taken: its owner gets an email instead.
    """

    users: UserRepository
    sessions: SessionRepository
    mailed_tokens: MailedTokenRepository
    hasher: PasswordHasher
    password_policy: PasswordPolicy
    password_limit: ConcurrencyLimit

    @audit_failures("user.change", ResourceType.USER)
    @retry_on_conflict
    async def __call__(
        self, *, user_id: UserId, session: Session, password: str | None, email: str | None
    ) -> Result[User, ChangeUserError]:
        address = Email.parse(email) if email is not None else Success(None)
        if isinstance(address, Failure):
            return address
        chosen = await self._choose(user_id, password)
        if isinstance(chosen, Failure):
            return chosen
        return await self._change(session, UserChanges(chosen.value, address.value))

    async def _choose(
        self, user_id: UserId, password: str | None
    ) -> Result[PasswordHash | None, WeakPassword | UserNotFound | Unavailable]:
        """Check and hash the password. This is slow, so no transaction is open."""
        if password is None:
            return Success(None)
        async with self.unit_of_work(owner=user_id):
            found = await self.users.get(user_id)
        if isinstance(found, Failure):
            return found
        username = found.value.email.address
        return await hash_chosen(
            password, username, self.password_policy, self.hasher, self.password_limit
        )

    async def _change(self, session: Session, changes: UserChanges) -> Result[User, ChangeError]:
        async with self.unit_of_work(owner=session.user_id) as uow:
            found = await self.users.lock(session.user_id)
            if isinstance(found, Failure):
                return found
            # The password may have been reset since the request came in: its session is over then.
            if found.value.security_stamp != session.security_stamp or not found.value.can_log_in:
                return Failure(InvalidToken())
            user, facts = self._apply(found.value, session, changes)
            updated = await self._update(user, session)
            if isinstance(updated, Failure):
                return updated
            if facts:
                await uow.commit(*facts)
        return Success(user)

    def _apply(self, user: User, session: Session, changes: UserChanges) -> tuple[User, list[Fact]]:
        now = self.clock.now()
        facts: list[Fact] = []
        if changes.password_hash is not None:
            user, changed = user.change_password(changes.password_hash, now, except_for=session.id)
            facts.append(changed)
        if changes.email is not None:
            user, wanted = user.request_email(changes.email, now)
            facts.append(wanted)
        return user, facts

    async def _update(self, user: User, session: Session) -> Result[None, ChangeError]:
        updated = await self.users.update(user)
        if isinstance(updated, Failure) or user.security_stamp == session.security_stamp:
            return updated
        # A reset that was requested earlier would undo this change.
        purpose, now = MailPurpose.RESET_PASSWORD, self.clock.now()
        used = await self.mailed_tokens.consume_all(user.id, purpose, now)
        if isinstance(used, Failure):
            return used
        return await self.sessions.restamp(session.id, user.security_stamp, owner=user.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowProfile(UseCase):
    """Show a user what is known of them."""

    users: UserRepository

    @audited_query("user.view", USER_VIEWED)
    async def __call__(self, *, user_id: UserId) -> Result[User, UserNotFound | Unavailable]:
        return await self.users.get(user_id)
