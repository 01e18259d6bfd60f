"""Sessions of the admin: whose they are, and whether both factors were given."""

import time

from django.contrib.auth import login, update_session_auth_hash
from django.http import HttpRequest

from adapters.persistence.staff.models import StaffUser
from domain.shared.ids import StaffId

#: Whose second factor it was: a session of another user is not verified.
_PASSED = "second_factor_of"
#: When that was: the session ends some hours later, whatever is done in it.
_PASSED_AT = "second_factor_at"
_LONGEST_SECONDS = 12 * 60 * 60
#: How long somebody who gave only a password has to enrol a second factor.
_ENROLMENT_SECONDS = 600


def start_session(request: HttpRequest, staff_id: StaffId, *, by_both: bool) -> None:
    """Start a session under a new key."""
    login(request, StaffUser.objects.get(pk=staff_id))
    if by_both:
        mark_verified(request)
    else:
        request.session.pop(_PASSED, None)
        request.session.set_expiry(_ENROLMENT_SECONDS)


def refresh_session_hash(request: HttpRequest) -> None:
    """Keep this session valid after a change of password; all others end."""
    update_session_auth_hash(request, StaffUser.objects.get(pk=staff_id_of(request)))


def mark_verified(request: HttpRequest) -> None:
    request.session.cycle_key()
    request.session.set_expiry(None)
    request.session[_PASSED] = str(request.user.pk)
    request.session[_PASSED_AT] = time.time()


def is_verified(request: HttpRequest) -> bool:
    """Return whether this person gave both factors, and not too long ago."""
    is_theirs = request.session.get(_PASSED) == str(request.user.pk)
    passed_at = float(request.session.get(_PASSED_AT, 0))
    is_fresh = time.time() < passed_at + _LONGEST_SECONDS
    return request.user.is_authenticated and is_theirs and is_fresh


def staff_id_of(request: HttpRequest) -> StaffId:
    """Return the member of staff who is logged in."""
    assert request.user.pk is not None
    return StaffId(request.user.pk)
