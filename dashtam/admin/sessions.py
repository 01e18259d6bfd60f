"""Whose a session of the admin is, and whether both factors were given in it."""

from django.contrib.auth import login
from django.http import HttpRequest

from adapters.persistence.staff.models import StaffUser
from domain.shared.ids import StaffId

#: Holds whose second factor it was: a session that changes hands has not passed.
_PASSED = "second_factor_of"
#: For as long somebody who gave a password alone may take to enrol a second factor.
_ENROLMENT_SECONDS = 600


def begin(request: HttpRequest, staff_id: StaffId, *, by_both: bool) -> None:
    """Give the browser a session, under a key that nobody knew before."""
    login(request, StaffUser.objects.get(pk=staff_id))
    if by_both:
        let_pass(request)
    else:
        request.session.pop(_PASSED, None)
        request.session.set_expiry(_ENROLMENT_SECONDS)


def let_pass(request: HttpRequest) -> None:
    request.session.cycle_key()
    request.session.set_expiry(None)
    request.session[_PASSED] = str(request.user.pk)


def has_passed(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.session.get(_PASSED) == str(request.user.pk)


def staff_id_of(request: HttpRequest) -> StaffId:
    """Return who is asking, once it is known that somebody is."""
    assert request.user.pk is not None
    return StaffId(request.user.pk)
