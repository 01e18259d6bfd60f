"""An audit entry for every page, written before staff see it."""

import sys
from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied
from django.db import Error
from django.http import HttpRequest, HttpResponse

from adapters.persistence.failures import is_outage
from dashtam.admin.read_only import working_as_staff
from dashtam.admin.sessions import staff_id_of
from dashtam.api import problems
from dashtam.api.problems import problem
from dashtam.application.staff.record_page import RecordPage
from dashtam.container import container
from domain.shared.errors import OutcomeUnknown, Unavailable

logger = structlog.get_logger(__name__)

View = Callable[..., Any]

#: Translations for scripts: no data of anybody.
NO_PAGES = {"jsi18n"}


def recorded(view: View) -> View:
    """Record who sees which rows. Without an audit entry, nothing is shown."""

    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with working_as_staff(request):
            try:
                response: HttpResponse = view(request, *args, **kwargs)
            except PermissionDenied:
                _record(request, denied=True)
                raise
            if response.status_code == 200:
                _record(request, shown=_rows(response))
            return response

    return update_wrapper(answering_outages(inner), view)


def answering_outages(view: View) -> View:
    """Respond with 503 when the database does not answer, or the outcome is unknown."""

    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = view(request, *args, **kwargs)
        except OutcomeUnknown:
            logger.warning("admin.interrupted")
            return unavailable(request)
        return response

    return update_wrapper(inner, view)


def unavailable(request: HttpRequest) -> HttpResponse:
    return problem(Unavailable("The database did not answer. Try again."), request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Respond to errors outside our views, where Django reads sessions and members of staff."""
    error = sys.exc_info()[1]
    if isinstance(error, Error) and is_outage(error):
        logger.warning("admin.interrupted")
        return unavailable(request)
    return problems.server_error(request)


def _record(
    request: HttpRequest, *, shown: Sequence[UUID | int] = (), denied: bool = False
) -> None:
    match = request.resolver_match
    assert match is not None
    page = match.url_name or "unnamed"
    if page in NO_PAGES:
        return
    async_to_sync(container.staff.use(RecordPage))(
        staff_id=staff_id_of(request),
        page=page,
        object_id=_id(match.kwargs.get("object_id", "")),
        shown=shown,
        denied=denied,
    )


def _id(text: str) -> UUID | int | None:
    """Return the id in a text, if it is one: other text is not recorded."""
    if text.isdecimal() and len(text) < 20:
        return int(text)
    try:
        return UUID(text)
    except ValueError:
        return None


def _rows(response: HttpResponse) -> list[UUID | int]:
    """Return the ids of the rows in a list."""
    changes = (getattr(response, "context_data", None) or {}).get("cl")
    return [row.pk for row in changes.result_list] if changes else []
