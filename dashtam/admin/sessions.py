"""Whose a session of the admin is, and whether both factors were given in it."""

import time

from django.contrib.auth import login, update_session_auth_hash
from django.http import HttpRequest

from adapters.persistence.staff.models import StaffUser
from domain.shared.ids import StaffId

#: Holds whose second factor it was: a session that changes hands has not passed.
_PASSED = "second_factor_of"
#: When that was: a session ends for good some hours later, whatever is done in it.
_PASSED_AT = "second_factor_at"
_LONGEST_SECONDS = 12 * 60 * 60
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


def go_on(request: HttpRequest) -> None:
    """Keep this session although its user has another password: all others are over."""
    update_session_auth_hash(request, StaffUser.objects.get(pk=staff_id_of(request)))


def let_pass(request: HttpRequest) -> None:
    request.session.cycle_key()
    request.session.set_expiry(None)
    request.session[_PASSED] = str(request.user.pk)
    request.session[_PASSED_AT] = time.time()


def has_passed(request: HttpRequest) -> bool:
    """Tell whether both factors were given, by this person, and not too long ago."""
    is_theirs = request.session.get(_PASSED) == str(request.user.pk)
    passed_at = float(request.session.get(_PASSED_AT, 0))
    is_fresh = time.time() < passed_at + _LONGEST_SECONDS
    return request.user.is_authenticated and is_theirs and is_fresh


def staff_id_of(request: HttpRequest) -> StaffId:
    """Return who is asking, once it is known that somebody is."""
    assert request.user.pk is not None
    return StaffId(request.user.pk)
