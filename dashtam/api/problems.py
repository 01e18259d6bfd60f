"""Problem documents (RFC 9457): every error of the API, in one form."""

from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, JsonResponse

from domain.audit.origin import origin
from domain.identity.entities import Session
from domain.identity.errors import InvalidToken, ProofRequired, ScopeMissing
from domain.shared.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooMany,
    TooMuchAsked,
    Unauthenticated,
    Unavailable,
)

logger = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = "5"
# Words that are not written as names of classes are.
SPELT = {"Api": "API", "api": "API", "Csv": "CSV", "csv": "CSV"}
# RFC 6750, section 3.1; RFC 9470, section 3: whoever has a good token proves again who they are.
CHALLENGES: dict[type[DomainError], str] = {
    InvalidToken: 'Bearer error="invalid_token"',
    ScopeMissing: 'Bearer error="insufficient_scope"',
    ProofRequired: (
        'Bearer error="insufficient_user_authentication", '
        f"max_age={Session.PROOF_LIFETIME.total_seconds():.0f}"
    ),
}


class MalformedRequest(DomainError):
    """The bytes of the request are not what its headers say."""


class MethodNotAllowed(DomainError):
    """The address exists, and does not know this method."""


class UnsupportedMediaType(DomainError):
    """The body is not of a type that is understood here."""


class AddressNotFound(NotFound):
    """Nothing is at this address."""


class OutcomeUnknown(Unavailable):
    """The database did not answer at the decisive moment."""


class InternalError(DomainError):
    """A defect of ours."""


STATUS: dict[type[DomainError], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    # Whoever asks can mend it, and waiting cannot.
    TooMuchAsked: HTTPStatus.UNPROCESSABLE_ENTITY,
    MalformedRequest: HTTPStatus.BAD_REQUEST,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

HEADERS: dict[HTTPStatus, dict[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": RETRY_AFTER_SECONDS},
}


def problem(error: DomainError, request: HttpRequest, **extra: Any) -> JsonResponse:
    """Describe an expected failure in the standard form."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    body = {
        "type": f"/problems/{error.code()}",
        "title": _title(error),
        "status": status,
        "detail": error.detail,
        "instance": request.path,
        "trace_id": origin.get().trace_id,
        **extra,
    }
    headers = {"Cache-Control": "no-store", **HEADERS.get(status, {})}
    if type(error) in CHALLENGES:
        headers["WWW-Authenticate"] = CHALLENGES[type(error)]
    if (seconds := getattr(error, "retry_after", None)) is not None:
        headers["Retry-After"] = str(seconds)
    return JsonResponse(
        body, status=status, content_type="application/problem+json", headers=headers
    )


def _title(error: DomainError) -> str:
    first, *more = error.words()
    return " ".join(SPELT.get(word, word) for word in (first, *map(str.lower, more)))


# What Django calls where no view of ours is reached.


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem(AddressNotFound("Nothing is at this address."), request)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem(MalformedRequest("The request cannot be understood."), request)


def permission_denied(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem(Forbidden("This is not allowed."), request)


def server_error(request: HttpRequest) -> JsonResponse:
    logger.exception("request.failed")
    return problem(InternalError("Something went wrong here. It has been noted."), request)
