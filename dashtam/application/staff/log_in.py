"""Log in to the admin, and change the password there."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from dashtam.application.attempts import counted, counters_of
from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.passwords import choose_password
from dashtam.application.use_case import UseCase
from domain.identity.errors import WeakPassword
from domain.identity.ports import DeviceTokens, OneTimeCodes, PasswordJudge
from domain.identity.values import Device, Password, PasswordHash, Token, TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, Actor, ResourceType
from domain.shared.ids import StaffId, new_id
from domain.shared.limits import GuessKey, GuessLimiter, TooManyRequests
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success
from domain.staff.entities import SecondFactor, StaffMember
from domain.staff.errors import StaffNotFound, WrongStaffProof
from domain.staff.events import (
    StaffLoggedIn,
    StaffLoggedOut,
    StaffLoginFailed,
    StaffPasswordAccepted,
    StaffPasswordRefused,
)
from domain.staff.ports import StaffFactorRepository, StaffPasswords, StaffRepository
from domain.staff.values import StaffName

NOBODY = StaffId(UUID(int=0))
_NO_SECRET = TotpSecret(bytes(TotpSecret.LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Why somebody is refused, if they are, and the step of their code, if they need one."""

    refusal: str = ""
    step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeProof:
    """Compares what was given with what is kept.

    The work is the same whatever is wrong, and whether anybody has the name that was given.
    """

    staff_passwords: StaffPasswords
    staff_factors: StaffFactorRepository
    one_time_codes: OneTimeCodes
    clock: Clock

    async def __call__(
        self, member: StaffMember | None, *, password: str, code: str
    ) -> Result[Judgement, Unavailable]:
        expected = member.password_hash if member else None
        matches = await self.staff_passwords.verify(Password.given(password), expected)
        found = await self.staff_factors.get(member.id if member else NOBODY)
        if isinstance(found, Failure):
            return found
        factor = found.value if found.value and found.value.confirmed_at else None
        step = self._step(code, factor)
        refusal = _of_password(member, matches=matches)
        if not refusal and factor and step is None:
            refusal = "wrong-code"
        return Success(Judgement(refusal=refusal, step=step if factor else None))

    def _step(self, code: str, factor: SecondFactor | None) -> int | None:
        secret = factor.secret if factor else _NO_SECRET
        return self.one_time_codes.step_of(code.replace(" ", ""), secret, self.clock.now())


def _of_password(member: StaffMember | None, *, matches: bool) -> str:
    if member is None:
        return "unknown-name"
    if not matches:
        return "wrong-password"
    return "" if member.is_active else "disabled"


def guessed_account(name: str) -> str:
    """Return what guesses are counted by: no address of a customer is like it."""
    # As it is looked up: else each way to write a name would have guesses of its own.
    parsed = StaffName.parse(name)
    known = parsed.value.text if isinstance(parsed, Success) else name.strip()
    return f"staff {known.lower()}"


def device_account(member: StaffMember | None) -> str:
    """Return whose a device is: with another password none is known any more."""
    return f"staff {member.id} {member.password_hash}" if member else "staff nobody"


def is_wrong(error: object) -> bool:
    """Tell whether an attempt was a guess that failed."""
    return isinstance(error, WrongStaffProof)


LogInStaffError = WrongStaffProof | TooManyRequests | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedStaff:
    """Who it is, and whether both factors say so: else one has to be enrolled first."""

    member: StaffMember
    by_both: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogInStaff(UseCase):
    """Let somebody in who knows name, password and code; all that is wrong is answered alike."""

    staff: StaffRepository
    staff_factors: StaffFactorRepository
    staff_passwords: StaffPasswords
    judge_proof: JudgeProof
    devices: DeviceTokens
    attempts: GuessLimiter

    @audit_refusals("staff.log_in", ResourceType.STAFF, told=(WrongStaffProof, TooManyRequests))
    async def __call__(
        self, *, name: str, password: str, code: str, device_token: str = ""
    ) -> Result[ProvedStaff, LogInStaffError]:
        found = await self._find(name)
        if isinstance(found, Failure):
            return found
        account, now = device_account(found.value), self.clock.now()
        device = self.devices.recognise(device_token, account, now)
        attempt = partial(self._attempt, found.value, password, code)
        counters = counters_of(guessed_account(name), device)
        outcome = await counted(self.attempts, counters, attempt, is_wrong)
        if isinstance(outcome, Failure) and isinstance(outcome.error, TooManyRequests):
            await self._record(None, "limited")
        return outcome

    @begun_anew
    async def _attempt(
        self, member: StaffMember | None, password: str, code: str
    ) -> Result[ProvedStaff, LogInStaffError]:
        judged = await self.judge_proof(member, password=password, code=code)
        if isinstance(judged, Failure):
            return judged
        if member is None or judged.value.refusal:
            return await self._refuse(member, judged.value.refusal)
        return await self._enter(member, password, judged.value)

    async def _find(self, name: str) -> Result[StaffMember | None, Unavailable]:
        parsed = StaffName.parse(name)
        if isinstance(parsed, Failure):
            return Success(None)
        found = await self.staff.get_by_name(parsed.value)
        if isinstance(found, Success):
            return found
        return Success(None) if isinstance(found.error, StaffNotFound) else Failure(found.error)

    async def _enter(
        self, member: StaffMember, password: str, judged: Judgement
    ) -> Result[ProvedStaff, LogInStaffError]:
        strengthened = await self._strengthened(member, password)
        admitted = await self._admit(member, strengthened, judged.step)
        if isinstance(admitted, Failure):
            return admitted
        if admitted.value:
            return await self._refuse(member, admitted.value)
        return Success(ProvedStaff(member=strengthened, by_both=judged.step is not None))

    async def _admit(
        self, member: StaffMember, strengthened: StaffMember, step: int | None
    ) -> Result[str, Unavailable]:
        """Let them in, or return what refuses them after all."""
        async with self.unit_of_work() as uow:
            taken = await self._take(member, step)
            if isinstance(taken, Failure) or taken.value:
                return taken
            if strengthened != member:
                updated = await self.staff.update(strengthened)
                assert isinstance(updated, Success)
            event = StaffLoggedIn if step is not None else StaffPasswordAccepted
            now = self.clock.now()
            await uow.commit(event(subject_id=member.id, actor=member.actor, occurred_at=now))
        return Success("")

    async def _take(self, member: StaffMember, step: int | None) -> Result[str, Unavailable]:
        """Use the code up; return what refuses it after all, such as a second use of it."""
        held = await self.staff.hold(member.id)
        if isinstance(held, Failure) and not isinstance(held.error, StaffNotFound):
            return Failure(held.error)
        if isinstance(held, Failure) or held.value != member:
            return Success("changed-meanwhile")
        if step is None:
            return Success("")
        used = await self.staff_factors.use(member.id, step)
        if isinstance(used, Failure):
            return used
        return Success("" if used.value else "used-code")

    async def _strengthened(self, member: StaffMember, password: str) -> StaffMember:
        if not self.staff_passwords.is_outdated(member.password_hash):
            return member
        return member.with_hash(await self.staff_passwords.hash(Password.given(password)))

    async def _refuse(self, member: StaffMember | None, reason: str) -> Failure[WrongStaffProof]:
        await self._record(member, reason)
        return Failure(WrongStaffProof("Name, password or code is wrong."))

    async def _record(self, member: StaffMember | None, reason: str) -> None:
        failed = StaffLoginFailed(
            subject_id=member.id if member else None,
            actor=ANONYMOUS,
            occurred_at=self.clock.now(),
            reason=reason,
        )
        async with self.unit_of_work() as uow:
            await uow.commit(failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberStaffDevice(UseCase):
    """Give a browser a token once both factors were given in it, or the password was changed.

    It keeps a few tries for whoever comes back with it, and lets nobody in.
    """

    staff: StaffRepository
    devices: DeviceTokens

    @audit_refusals("staff.remember_device", ResourceType.STAFF)
    async def __call__(self, *, staff_id: StaffId) -> Result[Token, StaffNotFound | Unavailable]:
        found = await self.staff.get(staff_id)
        if isinstance(found, Failure):
            return found
        account = device_account(found.value)
        return Success(self.devices.issue(Device(new_id()), account, self.clock.now()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOutStaff(UseCase):
    """Record that somebody ended their session, which Django keeps."""

    @audit_refusals("staff.log_out", ResourceType.STAFF)
    @begun_anew
    async def __call__(self, *, staff_id: StaffId) -> Result[None, Unavailable]:
        actor, now = Actor.staff(staff_id), self.clock.now()
        async with self.unit_of_work() as uow:
            await uow.commit(StaffLoggedOut(subject_id=staff_id, actor=actor, occurred_at=now))
        return Success(None)


ChangeStaffPasswordError = (
    WeakPassword | WrongStaffProof | StaffNotFound | TooManyRequests | Unavailable
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStaffPassword(UseCase):
    """Take a new password of somebody who proves the old one, with a code.

    All their sessions but the one that asks are over, since Django's are bound to the hash. Wrong
    guesses are counted apart from those at the door, where strangers may use them up.
    """

    staff: StaffRepository
    staff_factors: StaffFactorRepository
    staff_passwords: StaffPasswords
    password_policy: PasswordJudge
    judge_proof: JudgeProof
    attempts: GuessLimiter

    @audit_refusals("staff.change_password", ResourceType.STAFF, told=(WrongStaffProof,))
    async def __call__(
        self, *, staff_id: StaffId, password: str, code: str, new_password: str
    ) -> Result[StaffMember, ChangeStaffPasswordError]:
        found = await self.staff.get(staff_id)
        if isinstance(found, Failure):
            return found
        chosen = await choose_password(new_password, found.value.name.text, self.password_policy)
        if isinstance(chosen, Failure):
            return chosen
        attempt = partial(self._attempt, staff_id, password, code, chosen.value)
        return await counted(self.attempts, (GuessKey.of_holder(staff_id),), attempt, is_wrong)

    @begun_anew
    async def _attempt(
        self, staff_id: StaffId, password: str, code: str, chosen: Password
    ) -> Result[StaffMember, ChangeStaffPasswordError]:
        found = await self.staff.get(staff_id)
        if isinstance(found, Failure):
            return found
        judged = await self.judge_proof(found.value, password=password, code=code)
        if isinstance(judged, Failure):
            return judged
        if judged.value.refusal or judged.value.step is None:
            return await self._refuse(found.value, judged.value.refusal or "no-second-factor")
        new_hash = await self.staff_passwords.hash(chosen)
        changed = await self._change(found.value, new_hash, judged.value.step)
        if isinstance(changed, Failure):
            return changed
        return (
            Success(changed.value)
            if changed.value
            else await self._refuse(found.value, "used-code")
        )

    async def _change(
        self, member: StaffMember, new_hash: PasswordHash, step: int
    ) -> Result[StaffMember | None, StaffNotFound | Unavailable]:
        """Keep the new hash; return nobody where the code is used, or they changed meanwhile."""
        async with self.unit_of_work() as uow:
            held = await self.staff.hold(member.id)
            if isinstance(held, Failure):
                return held
            used = await self.staff_factors.use(member.id, step)
            if isinstance(used, Failure):
                return used
            if held.value != member or not used.value:
                return Success(None)
            changed, event = member.change_password(new_hash, at=self.clock.now())
            updated = await self.staff.update(changed)
            if isinstance(updated, Failure):
                return updated
            await uow.commit(event)
        return Success(changed)

    async def _refuse(self, member: StaffMember, reason: str) -> Failure[WrongStaffProof]:
        refused = StaffPasswordRefused(
            subject_id=member.id, actor=member.actor, occurred_at=self.clock.now(), reason=reason
        )
        async with self.unit_of_work() as uow:
            await uow.commit(refused)
        return Failure(WrongStaffProof("Password or code is wrong."))
