"""Enrol a second factor for the admin, and rotate its key."""

from base64 import b32encode
from dataclasses import dataclass, field

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.authentication import plain
from dashtam.application.contention import retry_on_conflict
from dashtam.application.identity.passwords import choose_password
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.identity.errors import WeakPassword, WrongCode
from domain.identity.ports import OneTimeCodes, PasswordHasher, PasswordPolicy
from domain.identity.values import PasswordHash, TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import StaffId
from domain.shared.result import Failure, Result, Success
from domain.staff.actions import STAFF_FACTOR_OFFERED, STAFF_FACTORS_REWRAPPED, STAFF_LOGGED_IN
from domain.staff.entities import StaffFactor, StaffMember
from domain.staff.errors import EnrolledElsewhere, NoEnrolment, StaffNotFound
from domain.staff.ports import (
    EnrolmentSeals,
    StaffFactorRepository,
    StaffRepository,
)

ConfirmError = EnrolledElsewhere | WrongCode | WeakPassword | Unavailable

NOTHING_TO_ENROL = NoEnrolment("There already is a second factor.")
ELSEWHERE = Failure(
    EnrolledElsewhere("Somebody else has set up this account, or its password has changed.")
)
WRONG_CODE = Failure(WrongCode("That code does not match the secret shown above."))
SAME_PASSWORD = Failure(WeakPassword("Choose a password different from the one you were given."))


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffEnrolment:
    """A secret for an authenticator app: a QR code in SVG, or text to type."""

    secret: TotpSecret
    picture: str = field(repr=False)
    #: The secret, encrypted for the session it was shown in.
    sealed: str = field(repr=False)

    @property
    def text(self) -> str:
        """The secret as it is typed: Base32 in groups of four."""
        typed = b32encode(self.secret.key).decode()
        return " ".join(typed[at : at + 4] for at in range(0, len(typed), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferStaffFactor(UseCase):
    """Show a secret to somebody who has no second factor; each session gets its own.

    It is not stored, so that somebody else who knows the first password cannot see it.
    """

    staff: StaffRepository
    staff_factors: StaffFactorRepository
    one_time_codes: OneTimeCodes
    enrolment_seals: EnrolmentSeals

    @audit_failures("staff.offer_second_factor", ResourceType.STAFF)
    @retry_on_conflict
    async def __call__(
        self, *, staff_id: StaffId
    ) -> Result[StaffEnrolment, NoEnrolment | StaffNotFound | Unavailable]:
        async with self.unit_of_work() as uow:
            locked = await self.staff.lock(staff_id)
            if isinstance(locked, Failure):
                return locked
            factor = await self.staff_factors.get(staff_id)
            if isinstance(factor, Failure):
                return factor
            if factor.value and factor.value.confirmed_at:
                return Failure(NOTHING_TO_ENROL)
            actor, now = locked.value.actor, self.clock.now()
            offered = STAFF_FACTOR_OFFERED.record(subject_id=staff_id, actor=actor, occurred_at=now)
            await uow.commit(offered)
        return Success(self._shown(locked.value, self.one_time_codes.new_secret()))

    def _shown(self, member: StaffMember, secret: TotpSecret) -> StaffEnrolment:
        uri = self.one_time_codes.uri(secret, username=member.name.text)
        sealed = self.enrolment_seals.seal(secret, member)
        return StaffEnrolment(
            secret=secret, picture=self.one_time_codes.picture(uri), sealed=sealed
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmStaffFactor(UseCase):
    """Confirm the secret that was shown with a code, and replace the first password.

    If several people know the first password, only the first to confirm gets in.
    """

    staff: StaffRepository
    staff_factors: StaffFactorRepository
    one_time_codes: OneTimeCodes
    enrolment_seals: EnrolmentSeals
    hasher: PasswordHasher
    password_policy: PasswordPolicy

    @audit_failures("staff.confirm_second_factor", ResourceType.STAFF)
    @retry_on_conflict
    async def __call__(
        self, *, staff_id: StaffId, sealed: str, code: str, new_password: str
    ) -> Result[StaffMember, ConfirmError]:
        found = await self.staff.get(staff_id)
        if isinstance(found, Failure):
            return _unless_gone(found.error)
        member = found.value
        secret = self.enrolment_seals.open(sealed, member)
        if secret is None or not member.is_active:
            return ELSEWHERE
        step = self.one_time_codes.step_of(plain(code), secret, self.clock.now())
        if step is None:
            return WRONG_CODE
        chosen = await self._choose(member, new_password)
        if isinstance(chosen, Failure):
            return chosen
        factor = StaffFactor(staff_id=staff_id, secret=secret)
        return await self._confirm(member, factor, step, chosen.value)

    async def _choose(
        self, member: StaffMember, password: str
    ) -> Result[PasswordHash, WeakPassword]:
        chosen = await choose_password(password, member.name.text, self.password_policy)
        if isinstance(chosen, Failure):
            return chosen
        if await self.hasher.verify(chosen.value, member.password_hash):
            return SAME_PASSWORD
        return Success(await self.hasher.hash(chosen.value))

    async def _confirm(
        self, member: StaffMember, shown: StaffFactor, step: int, new_hash: PasswordHash
    ) -> Result[StaffMember, ConfirmError]:
        now = self.clock.now()
        factor, enrolled = shown.confirm(step, at=now)
        changed, chosen = member.change_password(new_hash, at=now)
        async with self.unit_of_work() as uow:
            locked = await self.staff.lock(member.id)
            if isinstance(locked, Failure):
                return _unless_gone(locked.error)
            stored = await self.staff_factors.upsert(factor)
            if isinstance(stored, Failure):
                return stored
            if locked.value != member or not stored.value:
                return ELSEWHERE
            updated = await self.staff.update(changed)
            if isinstance(updated, Failure):
                return _unless_gone(updated.error)
            entered = STAFF_LOGGED_IN.record(
                subject_id=member.id, actor=member.actor, occurred_at=now
            )
            await uow.commit(enrolled, chosen, entered)
        return Success(changed)


def _unless_gone(error: StaffNotFound | Unavailable) -> Failure[EnrolledElsewhere | Unavailable]:
    return Failure(error) if isinstance(error, Unavailable) else ELSEWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateStaffKeys(UseCase):
    """Encrypt the secrets of all staff with the current key, in one transaction."""

    staff_factors: StaffFactorRepository

    @audit_failures("staff.rewrap_second_factors", ResourceType.STAFF)
    @retry_on_conflict
    async def __call__(self) -> Result[int, Unavailable]:
        async with self.unit_of_work() as uow:
            done = await self.staff_factors.rewrap()
            if isinstance(done, Failure) or not done.value:
                return done
            rewrapped = STAFF_FACTORS_REWRAPPED.record(
                subject_id=None,
                actor=origin.get().actor,
                occurred_at=self.clock.now(),
                count=done.value,
            )
            await uow.commit(rewrapped)
        return done
