"""Errors of staff."""

from domain.identity.errors import InvalidCredentials
from domain.shared.errors import Conflict, Invalid, NotFound


class InvalidStaffName(Invalid):
    """The text is not a valid name of a member of staff."""

    code = "invalid-staff-name"


class StaffNameTaken(Conflict):
    """Another member of staff has this name."""

    code = "staff-name-taken"


class StaffNotFound(NotFound):
    """There is no such member of staff."""

    code = "staff-not-found"


class InvalidStaffCredentials(InvalidCredentials):
    """The name, password or code is wrong; the response does not reveal which."""

    code = "wrong-staff-proof"


class NoEnrolment(Conflict):
    """No second factor was offered, or it is confirmed already."""

    code = "no-enrolment"


class EnrolledElsewhere(Conflict):
    """Somebody else enrolled a factor, or the password changed, since a secret was shown."""

    code = "enrolled-elsewhere"
