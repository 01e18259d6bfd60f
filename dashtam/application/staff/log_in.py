"""Log in to the admin, and change the password there."""

from dataclasses import dataclass
from uuid import UUID

from dashtam.application.attempts import attempt_keys
from dashtam.application.audit.refusals import audit_failures
from dashtam.application.authentication import (
    Authenticated,
    Authenticator,
    LoginAttempt,
    LoginError,
    OneTimeCode,
    Refusal,
)
from dashtam.application.contention import retry_on_conflict
from dashtam.application.identity.passwords import choose_password
from dashtam.application.use_case import UseCase, or_none
from domain.identity.errors import InvalidCredentials, WeakPassword
from domain.identity.ports import DeviceTokens, PasswordHasher, PasswordPolicy
from domain.identity.values import Device, PasswordHash, Token
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, Actor, AuditRecord, ResourceType
from domain.shared.ids import StaffId, new_id
from domain.shared.limits import AttemptKey, TooManyRequests
from domain.shared.result import Failure, Result, Success
from domain.staff.actions import (
    STAFF_LOGGED_IN,
    STAFF_LOGGED_OUT,
    STAFF_LOGIN_FAILED,
    STAFF_PASSWORD_ACCEPTED,
    STAFF_PASSWORD_REFUSED,
)
from domain.staff.entities import StaffFactor, StaffMember
from domain.staff.errors import InvalidStaffCredentials, StaffNotFound
from domain.staff.ports import StaffFactorRepository, StaffRepository
from domain.staff.values import StaffName

StaffAttempt = LoginAttempt[StaffMember, StaffFactor]
AuthenticatedStaff = Authenticated[StaffMember, StaffFactor]
ChangeStaffPasswordError = LoginError | WeakPassword | StaffNotFound | Unavailable

NOBODY = StaffId(UUID(int=0))
WRONG = InvalidStaffCredentials("Wrong name, password or code.")
NOT_AGAIN = InvalidStaffCredentials("Wrong password or code.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAuthenticator(Authenticator[StaffMember, StaffFactor]):
    """Staff get one answer whatever is wrong, a code included."""

    staff: StaffRepository
    staff_factors: StaffFactorRepository

    wrong = WRONG
    missing_code = wrong_code = Refusal(WRONG, "wrong-code")
    answers_alike = True

    def reason(self, account: StaffMember | None, *, matches: bool) -> str:
        if account is None:
            return "unknown-name"
        if not matches:
            return "wrong-password"
        return "" if account.can_log_in else "disabled"

    async def find_factor(
        self, account: StaffMember | None
    ) -> Result[StaffFactor | None, Unavailable]:
        found = await self.staff_factors.get(account.id if account else NOBODY)
        if isinstance(found, Failure) or (found.value and found.value.confirmed_at):
            return found
        return Success(None)

    def refused(self, account: StaffMember | None, reason: str) -> AuditRecord | None:
        is_known = account and reason != "limited"
        return STAFF_LOGIN_FAILED.record(
            subject_id=account.id if account and is_known else None,
            actor=ANONYMOUS,
            occurred_at=self.clock.now(),
            reason=reason,
        )

    async def consume(
        self, attempt: StaffAttempt, authenticated: AuthenticatedStaff
    ) -> Result[StaffMember, LoginError | Unavailable]:
        """Use up the code and store a stronger hash, in the caller's transaction."""
        member = authenticated.account
        locked = await self.staff.lock(member.id)
        if isinstance(locked, Failure) and isinstance(locked.error, Unavailable):
            return Failure(locked.error)
        if isinstance(locked, Failure) or locked.value != member:
            return attempt.refuse(Refusal(self.wrong, "changed-meanwhile"))
        if isinstance(authenticated.code, OneTimeCode):
            consumed = await self.staff_factors.consume_step(member.id, authenticated.code.step)
            if isinstance(consumed, Failure):
                return consumed
            if not consumed.value:
                return attempt.refuse(Refusal(self.wrong, "used-code"))
        return await self._rehash(member, authenticated.stronger_hash)

    async def _rehash(
        self, member: StaffMember, stronger_hash: PasswordHash | None
    ) -> Result[StaffMember, Unavailable]:
        if stronger_hash is None:
            return Success(member)
        rehashed = member.with_hash(stronger_hash)
        updated = await self.staff.update(rehashed)
        if isinstance(updated, Success):
            return Success(rehashed)
        assert isinstance(updated.error, Unavailable), "The member is locked."
        return Failure(updated.error)


class StaffReauthenticator(StaffAuthenticator):
    """The same within a session, for somebody with a second factor who chooses a new password."""

    __slots__ = ()

    wrong = NOT_AGAIN
    no_factor = Refusal(NOT_AGAIN, "no-second-factor")
    missing_code = wrong_code = Refusal(NOT_AGAIN, "wrong-code")
    rehashes = False

    def refused(self, account: StaffMember | None, reason: str) -> AuditRecord | None:
        assert account is not None
        # Without a token nothing was compared: the use case records the refusal like any other.
        if reason == "limited":
            return None
        return STAFF_PASSWORD_REFUSED.record(
            subject_id=account.id, actor=account.actor, occurred_at=self.clock.now(), reason=reason
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLogin:
    """Who logged in, and whether with both factors: otherwise one has to be enrolled first."""

    member: StaffMember
    by_both: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInStaff(UseCase):
    """Let somebody in who gives the right name, password and code."""

    staff: StaffRepository
    devices: DeviceTokens
    authenticator: StaffAuthenticator

    @audit_failures(
        "staff.log_in", ResourceType.STAFF, except_for=(InvalidCredentials, TooManyRequests)
    )
    @retry_on_conflict
    async def __call__(
        self, *, name: str, password: str, code: str, device_token: str = ""
    ) -> Result[StaffLogin, LoginError | Unavailable]:
        found = await self._find(name)
        if isinstance(found, Failure):
            return found
        device = self.devices.recognise(
            device_token, _device_account(found.value), self.clock.now()
        )
        keys = attempt_keys(_attempted_account(name), device)
        async with self.authenticator.attempt(
            found.value, keys, password=password, code=code
        ) as attempt:
            authenticated = await self.authenticator.authenticate(attempt)
            if isinstance(authenticated, Failure):
                return authenticated
            return await self._enter(attempt, authenticated.value)

    async def _find(self, name: str) -> Result[StaffMember | None, Unavailable]:
        parsed = StaffName.parse(name)
        if isinstance(parsed, Failure):
            return Success(None)
        return or_none(await self.staff.get_by_name(parsed.value))

    async def _enter(
        self, attempt: StaffAttempt, authenticated: AuthenticatedStaff
    ) -> Result[StaffLogin, LoginError | Unavailable]:
        by_both = authenticated.code is not None
        action = STAFF_LOGGED_IN if by_both else STAFF_PASSWORD_ACCEPTED
        async with self.unit_of_work() as uow:
            consumed = await self.authenticator.consume(attempt, authenticated)
            if isinstance(consumed, Failure):
                return consumed
            member, now = consumed.value, self.clock.now()
            done = action.record(subject_id=member.id, actor=member.actor, occurred_at=now)
            await uow.commit(done)
        return Success(StaffLogin(member=member, by_both=by_both))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOutStaff(UseCase):
    """Record that somebody ended their session; Django stores the session."""

    @audit_failures("staff.log_out", ResourceType.STAFF)
    @retry_on_conflict
    async def __call__(self, *, staff_id: StaffId) -> Result[None, Unavailable]:
        actor, now = Actor.staff(staff_id), self.clock.now()
        async with self.unit_of_work() as uow:
            await uow.commit(
                STAFF_LOGGED_OUT.record(subject_id=staff_id, actor=actor, occurred_at=now)
            )
        return Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberStaffDevice(UseCase):
    """Issue a device token to a browser in which somebody logged in or changed the password.

    It reserves a few attempts for this browser, and lets nobody in.
    """

    staff: StaffRepository
    devices: DeviceTokens

    @audit_failures("staff.remember_device", ResourceType.STAFF)
    async def __call__(self, *, staff_id: StaffId) -> Result[Token, StaffNotFound | Unavailable]:
        found = await self.staff.get(staff_id)
        if isinstance(found, Failure):
            return found
        account = _device_account(found.value)
        return Success(self.devices.issue(Device(new_id()), account, self.clock.now()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStaffPassword(UseCase):
    """Change the password of somebody who gives the old one and a code.

    All their other sessions end, because Django binds sessions to the hash. Attempts are counted
    apart from log-ins, where strangers can use them up.
    """

    staff: StaffRepository
    hasher: PasswordHasher
    password_policy: PasswordPolicy
    authenticator: StaffReauthenticator

    @audit_failures("staff.change_password", ResourceType.STAFF, except_for=(InvalidCredentials,))
    @retry_on_conflict
    async def __call__(
        self, *, staff_id: StaffId, password: str, code: str, new_password: str
    ) -> Result[StaffMember, ChangeStaffPasswordError]:
        found = await self.staff.get(staff_id)
        if isinstance(found, Failure):
            return found
        chosen = await choose_password(new_password, found.value.name.text, self.password_policy)
        if isinstance(chosen, Failure):
            return chosen
        keys = (AttemptKey.of_credential(staff_id),)
        async with self.authenticator.attempt(
            found.value, keys, password=password, code=code
        ) as attempt:
            authenticated = await self.authenticator.authenticate(attempt)
            if isinstance(authenticated, Failure):
                return authenticated
            new_hash = await self.hasher.hash(chosen.value)
            return await self._change(attempt, authenticated.value, new_hash)

    async def _change(
        self, attempt: StaffAttempt, authenticated: AuthenticatedStaff, new_hash: PasswordHash
    ) -> Result[StaffMember, ChangeStaffPasswordError]:
        async with self.unit_of_work() as uow:
            consumed = await self.authenticator.consume(attempt, authenticated)
            if isinstance(consumed, Failure):
                return consumed
            changed, event = consumed.value.change_password(new_hash, at=self.clock.now())
            updated = await self.staff.update(changed)
            if isinstance(updated, Failure):
                return updated
            await uow.commit(event)
        return Success(changed)


def _attempted_account(name: str) -> str:
    """Return what attempts are counted by; no email address looks like it."""
    # As the name is looked up, or each way to write it would have attempts of its own.
    parsed = StaffName.parse(name)
    known = parsed.value.text if isinstance(parsed, Success) else name.strip()
    return f"staff {known.lower()}"


def _device_account(member: StaffMember | None) -> str:
    """Return whose device it is. After a change of password no device is recognised."""
    return f"staff {member.id} {member.password_hash}" if member else "staff nobody"
