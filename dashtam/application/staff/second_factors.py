"""Enrol a second factor for the admin, and rotate its key."""

from base64 import b32encode
from dataclasses import dataclass, field

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.identity.passwords import choose_password
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.identity.errors import WeakPassword
from domain.identity.ports import OneTimeCodes, PasswordJudge
from domain.identity.values import PasswordHash, TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import StaffId
from domain.shared.result import Failure, Result, Success
from domain.staff.entities import SecondFactor, StaffMember
from domain.staff.errors import EnrolledElsewhere, NoEnrolment, StaffNotFound, WrongCode
from domain.staff.events import SecondFactorOffered, SecondFactorsRewrapped, StaffLoggedIn
from domain.staff.ports import (
    EnrolmentSeals,
    StaffFactorRepository,
    StaffPasswords,
    StaffRepository,
)

ConfirmError = EnrolledElsewhere | WrongCode | WeakPassword | Unavailable

NOTHING_TO_ENROL = NoEnrolment("There is a second factor already.")
ELSEWHERE = Failure(
    EnrolledElsewhere("Somebody else set up this account, or its password changed, meanwhile.")
)
WRONG_CODE = Failure(WrongCode("This code does not match the secret shown above."))
GIVEN = Failure(WeakPassword("Choose a password different from the one you were given."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What a program of theirs takes the secret from: a QR code in SVG, or what is typed."""

    secret: TotpSecret
    picture: str = field(repr=False)
    #: What the session holds of it.
    sealed: str = field(repr=False)

    @property
    def text(self) -> str:
        """The secret as it is typed: Base32 in groups of four."""
        typed = b32encode(self.secret.key).decode()
        return " ".join(typed[at : at + 4] for at in range(0, len(typed), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSecondFactor(UseCase):
    """Show somebody without a second factor a secret, this once: each session has its own.

    It is not stored: whoever else knows the first password has no part in it.
    """

    staff: StaffRepository
    staff_factors: StaffFactorRepository
    one_time_codes: OneTimeCodes
    enrolment_seals: EnrolmentSeals

    @audit_refusals("staff.offer_second_factor", ResourceType.STAFF)
    @begun_anew
    async def __call__(
        self, *, staff_id: StaffId
    ) -> Result[Enrolment, NoEnrolment | StaffNotFound | Unavailable]:
        async with self.unit_of_work() as uow:
            held = await self.staff.hold(staff_id)
            if isinstance(held, Failure):
                return held
            factor = await self.staff_factors.get(staff_id)
            if isinstance(factor, Failure):
                return factor
            if factor.value and factor.value.confirmed_at:
                return Failure(NOTHING_TO_ENROL)
            actor, now = held.value.actor, self.clock.now()
            offered = SecondFactorOffered(subject_id=staff_id, actor=actor, occurred_at=now)
            await uow.commit(offered)
        return Success(self._shown(held.value, self.one_time_codes.new_secret()))

    def _shown(self, member: StaffMember, secret: TotpSecret) -> Enrolment:
        uri = self.one_time_codes.uri(secret, holder=member.name.text)
        sealed = self.enrolment_seals.seal(secret, member)
        return Enrolment(secret=secret, picture=self.one_time_codes.picture(uri), sealed=sealed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSecondFactor(UseCase):
    """Take a code of the secret that was shown, and a password in the place of the first one.

    Of several who know the first password the first to confirm gets in, and all others are told.
    """

    staff: StaffRepository
    staff_factors: StaffFactorRepository
    one_time_codes: OneTimeCodes
    enrolment_seals: EnrolmentSeals
    staff_passwords: StaffPasswords
    password_policy: PasswordJudge

    @audit_refusals("staff.confirm_second_factor", ResourceType.STAFF)
    @begun_anew
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
        step = self.one_time_codes.step_of(code.replace(" ", ""), secret, self.clock.now())
        if step is None:
            return WRONG_CODE
        chosen = await self._choose(member, new_password)
        if isinstance(chosen, Failure):
            return chosen
        factor = SecondFactor(staff_id=staff_id, secret=secret)
        return await self._confirm(member, factor, step, chosen.value)

    async def _choose(
        self, member: StaffMember, password: str
    ) -> Result[PasswordHash, WeakPassword]:
        chosen = await choose_password(password, member.name.text, self.password_policy)
        if isinstance(chosen, Failure):
            return chosen
        if await self.staff_passwords.verify(chosen.value, member.password_hash):
            return GIVEN
        return Success(await self.staff_passwords.hash(chosen.value))

    async def _confirm(
        self, member: StaffMember, shown: SecondFactor, step: int, new_hash: PasswordHash
    ) -> Result[StaffMember, ConfirmError]:
        now = self.clock.now()
        factor, enrolled = shown.confirm(step, at=now)
        changed, chosen = member.change_password(new_hash, at=now)
        async with self.unit_of_work() as uow:
            held = await self.staff.hold(member.id)
            if isinstance(held, Failure):
                return _unless_gone(held.error)
            kept = await self.staff_factors.keep(factor)
            if isinstance(kept, Failure):
                return kept
            if held.value != member or not kept.value:
                return ELSEWHERE
            updated = await self.staff.update(changed)
            if isinstance(updated, Failure):
                return _unless_gone(updated.error)
            entered = StaffLoggedIn(subject_id=member.id, actor=member.actor, occurred_at=now)
            await uow.commit(enrolled, chosen, entered)
        return Success(changed)


def _unless_gone(error: StaffNotFound | Unavailable) -> Failure[EnrolledElsewhere | Unavailable]:
    return Failure(error) if isinstance(error, Unavailable) else ELSEWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateStaffKeys(UseCase):
    """All of them or none: staff are few."""

    staff_factors: StaffFactorRepository

    @audit_refusals("staff.rewrap_second_factors", ResourceType.STAFF)
    @begun_anew
    async def __call__(self) -> Result[int, Unavailable]:
        async with self.unit_of_work() as uow:
            done = await self.staff_factors.rewrap()
            if isinstance(done, Failure) or not done.value:
                return done
            rewrapped = SecondFactorsRewrapped(
                subject_id=None,
                actor=origin.get().actor,
                occurred_at=self.clock.now(),
                count=done.value,
            )
            await uow.commit(rewrapped)
        return done
