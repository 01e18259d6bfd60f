"""Events of staff, and of everything that they look at.

None is announced: nobody reacts, and the database role of staff can only write to the trail.
"""

from dataclasses import dataclass
from uuid import UUID

from domain.shared.events import AuditResult, DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class StaffAdded(DomainEvent):
    """Somebody joined the staff."""

    name = "staff.added"
    resource = ResourceType.STAFF
    announced = False

    role: str


@dataclass(frozen=True, kw_only=True)
class StaffDisabled(DomainEvent):
    """Somebody left the staff: they are logged out, and cannot log in again."""

    name = "staff.disabled"
    resource = ResourceType.STAFF
    announced = False


@dataclass(frozen=True, kw_only=True)
class StaffReset(DomainEvent):
    """Somebody was given a new password, and has to enrol a second factor anew."""

    name = "staff.access_renewed"
    resource = ResourceType.STAFF
    announced = False


@dataclass(frozen=True, kw_only=True)
class StaffFactorRemoved(DomainEvent):
    """The second factor of a member of staff was removed."""

    name = "staff.second_factor_removed"
    resource = ResourceType.STAFF
    announced = False


@dataclass(frozen=True, kw_only=True)
class StaffFactorOffered(DomainEvent):
    """Somebody who gave the password and has no second factor was shown a secret."""

    name = "staff.second_factor_offered"
    resource = ResourceType.STAFF
    announced = False


@dataclass(frozen=True, kw_only=True)
class StaffFactorEnrolled(DomainEvent):
    """Somebody confirmed a second factor with a code."""

    name = "staff.second_factor_enrolled"
    resource = ResourceType.STAFF
    announced = False


@dataclass(frozen=True, kw_only=True)
class StaffFactorsRewrapped(DomainEvent):
    """Secrets of second factors were encrypted with the current key."""

    name = "staff.second_factors_rewrapped"
    resource = ResourceType.STAFF
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class StaffPasswordAccepted(DomainEvent):
    """The password was right, and a second factor has to be enrolled before anything else."""

    name = "staff.password_accepted"
    resource = ResourceType.STAFF
    announced = False


@dataclass(frozen=True, kw_only=True)
class StaffLoggedIn(DomainEvent):
    """Somebody logged in with both factors."""

    name = "staff.logged_in"
    resource = ResourceType.STAFF
    announced = False


@dataclass(frozen=True, kw_only=True)
class StaffLoginFailed(DomainEvent):
    """A log-in failed; the subject is the member of staff with this name, if any."""

    name = "staff.login_failed"
    resource = ResourceType.STAFF
    result = AuditResult.DENIED
    announced = False

    reason: str

    @property
    def is_repeatable(self) -> bool:
        """Whether nothing was compared; every wrong guess is recorded by itself."""
        return self.reason == "limited"


@dataclass(frozen=True, kw_only=True)
class StaffLoggedOut(DomainEvent):
    """Somebody ended their session."""

    name = "staff.logged_out"
    resource = ResourceType.STAFF
    announced = False


@dataclass(frozen=True, kw_only=True)
class StaffPasswordChanged(DomainEvent):
    """Somebody chose a new password: their other sessions are over."""

    name = "staff.password_changed"
    resource = ResourceType.STAFF
    announced = False


@dataclass(frozen=True, kw_only=True)
class StaffPasswordRefused(DomainEvent):
    """A change of password failed, because the old password or the code was wrong."""

    name = "staff.password_refused"
    resource = ResourceType.STAFF
    result = AuditResult.DENIED
    announced = False

    reason: str


@dataclass(frozen=True, kw_only=True)
class PageViewed(DomainEvent):
    """Somebody on the staff is about to see a page, with these rows on it."""

    name = "staff.page_viewed"
    resource = ResourceType.STAFF
    announced = False

    page: str
    object_id: UUID | int | None
    shown: tuple[UUID | int, ...]


@dataclass(frozen=True, kw_only=True)
class PageDenied(DomainEvent):
    """Somebody on the staff asked for a page, or an action on it, that is not theirs."""

    name = "staff.page_denied"
    resource = ResourceType.STAFF
    result = AuditResult.DENIED
    announced = False

    page: str
    object_id: UUID | int | None
