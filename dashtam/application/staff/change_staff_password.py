"""Choose another password for the admin."""

from dataclasses import dataclass
from functools import partial

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.guesses import counted
from dashtam.application.identity.passwords import choose_password
from dashtam.application.staff.proof import JudgeProof, is_wrong
from dashtam.application.use_case import UseCase
from domain.identity.errors import WeakPassword
from domain.identity.ports import PasswordJudge
from domain.identity.values import Password, PasswordHash
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import StaffId
from domain.shared.limits import GuessKey, GuessLimiter, TooManyRequests
from domain.shared.result import Failure, Result, Success
from domain.staff.entities import StaffMember
from domain.staff.errors import StaffNotFound, WrongStaffProof
from domain.staff.events import StaffPasswordRefused
from domain.staff.ports import StaffFactorRepository, StaffPasswords, StaffRepository

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
        return Failure(WrongStaffProof("The password or the code is wrong."))
