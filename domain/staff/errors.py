"""What can go wrong with staff."""

from domain.shared.errors import Conflict, Invalid, NotFound, Unauthenticated


class InvalidStaffName(Invalid):
    """Not a name that staff can have."""

    code = "invalid-staff-name"


class StaffNameTaken(Conflict):
    """There is already a member of staff with this name."""

    code = "staff-name-taken"


class StaffNotFound(NotFound):
    """Nobody on the staff has this name or id."""

    code = "staff-not-found"


class WrongStaffProof(Unauthenticated):
    """Name, password or code is wrong; which of them is not told."""

    code = "wrong-staff-proof"
    is_wrong_guess = True


class NoEnrolment(Conflict):
    """No second factor was offered, or it is confirmed already."""

    code = "no-enrolment"


class EnrolledElsewhere(Conflict):
    """Somebody else enrolled a factor, or the password changed, since a secret was shown."""

    code = "enrolled-elsewhere"


class WrongCode(Invalid):
    """The code is not that of the secret which was shown."""

    code = "wrong-code"
    is_wrong_guess = True
