"""Staff: a way to the database of their own, and their use cases."""

from functools import cached_property
from uuid import UUID

from adapters.audit.trail import DjangoAuditTrail
from adapters.persistence.database import Database
from adapters.persistence.limits.guesses import PostgresGuessLimiter
from adapters.persistence.limits.rates import PostgresRateLimiter
from adapters.persistence.roles import Role
from adapters.persistence.staff.repositories import DjangoStaffRepository, SealedStaffFactors
from adapters.persistence.unit_of_work import DjangoUnitOfWork
from adapters.security.enrolments import SealedEnrolments
from adapters.security.passwords import Argon2Hasher
from dashtam.application.staff.change_staff_password import ChangeStaffPassword
from dashtam.application.staff.enrol_second_factor import ConfirmSecondFactor, OfferSecondFactor
from dashtam.application.staff.log_in_staff import LogInStaff
from dashtam.application.staff.log_out_staff import LogOutStaff
from dashtam.application.staff.manage_staff import AddStaff, DisableStaff, ResetStaff
from dashtam.application.staff.proof import JudgeProof
from dashtam.application.staff.record_page import RecordPage
from dashtam.application.staff.remember_device import RememberStaffDevice
from dashtam.application.staff.rotate_keys import RotateStaffKeys
from dashtam.container.adapters import Adapters, Basics
from domain.shared.limits import GuessLimiter, RateLimiter
from domain.shared.ports import UnitOfWork
from domain.staff.ports import (
    EnrolmentSeals,
    StaffFactorRepository,
    StaffPasswords,
    StaffRepository,
)

# A page needs one for a moment, and staff are few.
_CONNECTIONS = 4


class Staff(Adapters):
    """What staff do is written as staff: the role that serves the API has no right to it.

    Who is on the staff is written as the operator, whom no server can become.
    """

    @cached_property
    def staff_database(self) -> Database:
        return Database(size=_CONNECTIONS, role=Role.STAFF)

    @cached_property
    def staff_audit_trail(self) -> DjangoAuditTrail:
        return DjangoAuditTrail(self.staff_database, lambda: self.mac_keys)

    def staff_unit_of_work(
        self, *, owner: UUID | None = None, snapshot: bool = False
    ) -> UnitOfWork:
        return DjangoUnitOfWork(
            self.staff_database, self.staff_audit_trail, self.publisher, owner, snapshot=snapshot
        )

    @cached_property
    def staff_basics(self) -> Basics:
        return Basics(
            clock=self.clock,
            unit_of_work=self.staff_unit_of_work,
            audit_trail=self.staff_audit_trail,
        )

    @cached_property
    def staff(self) -> StaffRepository:
        return DjangoStaffRepository(self.staff_database)

    @cached_property
    def staff_factors(self) -> StaffFactorRepository:
        return SealedStaffFactors(self.staff_database, lambda: self.keyring)

    @cached_property
    def operator_database(self) -> Database:
        return Database(size=1, role=Role.OPERATOR)

    @cached_property
    def operator_audit_trail(self) -> DjangoAuditTrail:
        return DjangoAuditTrail(self.operator_database, lambda: self.mac_keys)

    def _operator_unit_of_work(
        self, *, owner: UUID | None = None, snapshot: bool = False
    ) -> UnitOfWork:
        return DjangoUnitOfWork(
            self.operator_database,
            self.operator_audit_trail,
            self.publisher,
            owner,
            snapshot=snapshot,
        )

    @cached_property
    def _operator_basics(self) -> Basics:
        return Basics(
            clock=self.clock,
            unit_of_work=self._operator_unit_of_work,
            audit_trail=self.operator_audit_trail,
        )

    @cached_property
    def operator_staff(self) -> StaffRepository:
        return DjangoStaffRepository(self.operator_database)

    @cached_property
    def staff_guess_limiter(self) -> GuessLimiter:
        return PostgresGuessLimiter(self.staff_database)

    @cached_property
    def staff_rate_limiter(self) -> RateLimiter:
        return PostgresRateLimiter(self.staff_database)

    @cached_property
    def staff_enrolments(self) -> EnrolmentSeals:
        return SealedEnrolments(lambda: self.keyring)

    @cached_property
    def staff_passwords(self) -> StaffPasswords:
        # Threads of its own: customers who log in do not keep staff out.
        return Argon2Hasher(workers=1)

    @cached_property
    def _judge_proof(self) -> JudgeProof:
        return JudgeProof(
            hasher=self.staff_passwords,
            factors=self.staff_factors,
            codes=self.one_time_codes,
            clock=self.clock,
        )

    @cached_property
    def add_staff(self) -> AddStaff:
        return AddStaff(
            staff=self.operator_staff,
            hasher=self.staff_passwords,
            judge=self.password_judge,
            **self._operator_basics,
        )

    @cached_property
    def disable_staff(self) -> DisableStaff:
        return DisableStaff(staff=self.operator_staff, **self._operator_basics)

    @cached_property
    def reset_staff(self) -> ResetStaff:
        return ResetStaff(
            staff=self.operator_staff,
            factors=SealedStaffFactors(self.operator_database, lambda: self.keyring),
            hasher=self.staff_passwords,
            judge=self.password_judge,
            **self._operator_basics,
        )

    @cached_property
    def log_in_staff(self) -> LogInStaff:
        return LogInStaff(
            staff=self.staff,
            factors=self.staff_factors,
            hasher=self.staff_passwords,
            judge_proof=self._judge_proof,
            devices=self.devices,
            guesses=self.staff_guess_limiter,
            **self.staff_basics,
        )

    @cached_property
    def remember_staff_device(self) -> RememberStaffDevice:
        return RememberStaffDevice(staff=self.staff, devices=self.devices, **self.staff_basics)

    @cached_property
    def log_out_staff(self) -> LogOutStaff:
        return LogOutStaff(**self.staff_basics)

    @cached_property
    def offer_staff_factor(self) -> OfferSecondFactor:
        return OfferSecondFactor(
            staff=self.staff,
            factors=self.staff_factors,
            codes=self.one_time_codes,
            seals=self.staff_enrolments,
            **self.staff_basics,
        )

    @cached_property
    def confirm_staff_factor(self) -> ConfirmSecondFactor:
        return ConfirmSecondFactor(
            staff=self.staff,
            factors=self.staff_factors,
            codes=self.one_time_codes,
            seals=self.staff_enrolments,
            hasher=self.staff_passwords,
            judge=self.password_judge,
            **self.staff_basics,
        )

    @cached_property
    def change_staff_password(self) -> ChangeStaffPassword:
        return ChangeStaffPassword(
            staff=self.staff,
            factors=self.staff_factors,
            hasher=self.staff_passwords,
            judge=self.password_judge,
            judge_proof=self._judge_proof,
            guesses=self.staff_guess_limiter,
            **self.staff_basics,
        )

    @cached_property
    def record_page(self) -> RecordPage:
        return RecordPage(**self.staff_basics)

    @cached_property
    def rotate_staff_keys(self) -> RotateStaffKeys:
        return RotateStaffKeys(factors=self.staff_factors, **self.staff_basics)
