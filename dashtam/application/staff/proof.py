"""Whether somebody on the staff is who they say: a password, and a code where a factor is there."""

from dataclasses import dataclass
from uuid import UUID

from domain.identity.ports import OneTimeCodes
from domain.identity.values import Password, TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.ids import StaffId
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success
from domain.staff.entities import SecondFactor, StaffMember
from domain.staff.errors import WrongStaffProof
from domain.staff.ports import StaffFactorRepository, StaffPasswords
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
