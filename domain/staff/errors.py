"""What can go wrong with staff."""

from domain.identity.errors import InvalidCredentials
from domain.shared.errors import Conflict, Invalid, NotFound


class InvalidStaffName(Invalid):
    """Not a name that staff can have."""

    code = "invalid-staff-name"


class StaffNameTaken(Conflict):
    """There is already a member of staff with this name."""

    code = "staff-name-taken"


class StaffNotFound(NotFound):
    """Nobody on the staff has this name or id."""

    code = "staff-not-found"


class InvalidStaffCredentials(InvalidCredentials):
    """Name, password or code is wrong; the answer does not tell which."""

    code = "wrong-staff-proof"


class NoEnrolment(Conflict):
    """No second factor was offered, or it is confirmed already."""

    code = "no-enrolment"


class EnrolledElsewhere(Conflict):
    """Somebody else enrolled a factor, or the password changed, since a secret was shown."""

    code = "enrolled-elsewhere"
