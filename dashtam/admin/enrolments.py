"""What a session holds of an enrolment, from the page that shows a secret to its confirmation."""

from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from dashtam.admin.sessions import go_on, let_pass
from domain.shared.ids import StaffId

#: Holds the secret, sealed, that was shown in this session and in no other.
_ENROLMENT = "enrolment"


@dataclass(frozen=True, slots=True)
class Pending:
    """Whose enrolment a session is about, and the sealed secret that it showed."""

    staff_id: StaffId
    sealed: str = field(repr=False)


def pending_of(request: HttpRequest) -> Pending | None:
    """Return what was offered in this session; asked before the user is, or it may be gone.

    Django forgets a session whose user has another password by now, as after an enrolment.
    """
    sealed, whose = request.session.get(_ENROLMENT), request.session.get(SESSION_KEY)
    return Pending(StaffId(UUID(whose)), sealed) if sealed and whose else None


def note_offer(request: HttpRequest, sealed: str) -> None:
    request.session[_ENROLMENT] = sealed


def enter_enrolled(request: HttpRequest) -> None:
    """Go on in a session whose user enrolled a factor and chose a password."""
    request.session.pop(_ENROLMENT, None)
    go_on(request)
    let_pass(request)
