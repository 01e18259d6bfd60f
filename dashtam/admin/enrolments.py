"""The enrolment in a session, from the page that shows the secret to its confirmation."""

from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from dashtam.admin.sessions import mark_verified, refresh_session_hash
from domain.shared.ids import StaffId

#: The encrypted secret that was shown in this session and in no other.
_ENROLMENT = "enrolment"


@dataclass(frozen=True, slots=True)
class Pending:
    """Who enrols in a session, and the encrypted secret that it showed."""

    staff_id: StaffId
    sealed: str = field(repr=False)


def pending_of(request: HttpRequest) -> Pending | None:
    """Return the enrolment of this session. Call this before `request.user` is read.

    Django empties a session whose user's password has changed, as after an enrolment.
    """
    sealed, whose = request.session.get(_ENROLMENT), request.session.get(SESSION_KEY)
    return Pending(StaffId(UUID(whose)), sealed) if sealed and whose else None


def note_offer(request: HttpRequest, sealed: str) -> None:
    request.session[_ENROLMENT] = sealed


def enter_enrolled(request: HttpRequest) -> None:
    """Continue in a session whose user has enrolled and chosen a password."""
    request.session.pop(_ENROLMENT, None)
    refresh_session_hash(request)
    mark_verified(request)
