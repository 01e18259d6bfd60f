"""Log in to the admin."""

from dataclasses import dataclass
from functools import partial

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.guesses import counted, counters_of
from dashtam.application.staff.proof import (
    Judgement,
    JudgeProof,
    device_account,
    guessed_account,
    is_wrong,
)
from dashtam.application.use_case import UseCase
from domain.identity.ports import DeviceTokens
from domain.identity.values import Password
from domain.shared.errors import Unavailable
from domain.shared.events import ANONYMOUS, ResourceType
from domain.shared.limits import GuessLimiter, TooManyRequests
from domain.shared.result import Failure, Result, Success
from domain.staff.entities import StaffMember
from domain.staff.errors import StaffNotFound, WrongStaffProof
from domain.staff.events import StaffLoggedIn, StaffLoginFailed, StaffPasswordAccepted
from domain.staff.ports import StaffFactorRepository, StaffPasswords, StaffRepository
from domain.staff.values import StaffName

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
        return Failure(WrongStaffProof("The name, password or code is wrong."))

    async def _record(self, member: StaffMember | None, reason: str) -> None:
        failed = StaffLoginFailed(
            subject_id=member.id if member else None,
            actor=ANONYMOUS,
            occurred_at=self.clock.now(),
            reason=reason,
        )
        async with self.unit_of_work() as uow:
            await uow.commit(failed)
