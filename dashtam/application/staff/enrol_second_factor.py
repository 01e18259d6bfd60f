"""Enrol a second factor: show a secret, and let it count once a code of it was given."""

from base64 import b32encode
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.contention import begun_anew
from dashtam.application.use_case import UseCase
from domain.identity.ports import OneTimeCodes
from domain.identity.values import TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import StaffId
from domain.shared.result import Failure, Result, Success
from domain.staff.entities import SecondFactor, StaffMember
from domain.staff.errors import NoEnrolment, StaffNotFound, WrongCode
from domain.staff.events import SecondFactorOffered, StaffLoggedIn
from domain.staff.ports import StaffFactorRepository, StaffRepository

NOTHING_TO_ENROL = NoEnrolment("There is a second factor already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What a program of theirs takes the secret from: a QR code in SVG, or what is typed."""

    secret: TotpSecret
    picture: str

    @property
    def text(self) -> str:
        """The secret as it is typed: Base32 in groups of four."""
        typed = b32encode(self.secret.key).decode()
        return " ".join(typed[at : at + 4] for at in range(0, len(typed), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSecondFactor(UseCase):
    """Show somebody without a second factor a secret, the same until it is confirmed."""

    staff: StaffRepository
    factors: StaffFactorRepository
    codes: OneTimeCodes

    @audit_refusals("staff.offer_second_factor", ResourceType.STAFF)
    @begun_anew
    async def __call__(
        self, *, staff_id: StaffId
    ) -> Result[Enrolment, NoEnrolment | StaffNotFound | Unavailable]:
        async with self.unit_of_work() as uow:
            held = await self.staff.hold(staff_id)
            if isinstance(held, Failure):
                return held
            pending = await self._pending(held.value)
            if isinstance(pending, Failure):
                return pending
            actor, now = held.value.actor, self.clock.now()
            offered = SecondFactorOffered(subject_id=staff_id, actor=actor, occurred_at=now)
            await uow.commit(offered)
        return Success(self._shown(held.value, pending.value))

    async def _pending(
        self, member: StaffMember
    ) -> Result[SecondFactor, NoEnrolment | Unavailable]:
        found = await self.factors.get(member.id)
        if isinstance(found, Failure):
            return found
        if found.value is None:
            return await self._new(member)
        if found.value.confirmed_at:
            return Failure(NOTHING_TO_ENROL)
        return Success(found.value)

    async def _new(self, member: StaffMember) -> Result[SecondFactor, NoEnrolment | Unavailable]:
        factor = SecondFactor(staff_id=member.id, secret=self.codes.new_secret())
        kept = await self.factors.keep(factor)
        if isinstance(kept, Failure):
            return kept
        return Success(factor) if kept.value else Failure(NOTHING_TO_ENROL)

    def _shown(self, member: StaffMember, factor: SecondFactor) -> Enrolment:
        uri = self.codes.uri(factor.secret, holder=member.name.text)
        return Enrolment(secret=factor.secret, picture=self.codes.picture(uri))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSecondFactor(UseCase):
    """Take a code of the secret that was shown: from now on both factors are needed."""

    factors: StaffFactorRepository
    codes: OneTimeCodes

    @audit_refusals("staff.confirm_second_factor", ResourceType.STAFF)
    @begun_anew
    async def __call__(
        self, *, staff_id: StaffId, code: str
    ) -> Result[None, NoEnrolment | WrongCode | Unavailable]:
        async with self.unit_of_work() as uow:
            found = await self.factors.get(staff_id)
            if isinstance(found, Failure):
                return found
            if found.value is None or found.value.confirmed_at:
                return Failure(NOTHING_TO_ENROL)
            now = self.clock.now()
            step = self.codes.step_of(code.replace(" ", ""), found.value.secret, now)
            if step is None:
                return Failure(WrongCode("This is not the code of the secret above."))
            factor, enrolled = found.value.confirm(step, at=now)
            kept = await self.factors.keep(factor)
            if isinstance(kept, Failure):
                return kept
            if not kept.value:
                return Failure(NOTHING_TO_ENROL)
            entered = StaffLoggedIn(subject_id=staff_id, actor=enrolled.actor, occurred_at=now)
            await uow.commit(enrolled, entered)
        return Success(None)
