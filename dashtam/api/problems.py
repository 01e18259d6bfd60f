"""Problem documents (RFC 9457): every error of the API, in one form."""

import errno
import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Self

import structlog
from django.http import HttpRequest, JsonResponse

from domain.audit.origin import origin
from domain.identity.entities import Session
from domain.identity.errors import InvalidToken, RecentAuthenticationRequired, ScopeMissing
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

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS = "5"
NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT)
#: Where a request says why Django refused it.
REFUSED: Final = "dashtam.refused"
# Words that are not written as names of classes are.
SPELT = {"api": "API", "csv": "CSV", "url": "URL"}
# A longer path is nothing here, and need not be told in full.
MAX_INSTANCE = 512
# RFC 6750, section 3.1; RFC 9470, section 3: whoever has a good token proves again who they are.
CHALLENGES: dict[type[DomainError], str] = {
    InvalidToken: 'Bearer error="invalid_token"',
    ScopeMissing: 'Bearer error="insufficient_scope"',
    RecentAuthenticationRequired: (
        'Bearer error="insufficient_user_authentication", '
        f"max_age={Session.AUTHENTICATION_LIFETIME.total_seconds():.0f}"
    ),
}


class MalformedRequest(DomainError):
    """The bytes of the request are not what its headers say."""

    code = "malformed-request"


class MethodNotAllowed(DomainError):
    """The address exists, and does not know this method."""

    code = "method-not-allowed"


class UnsupportedMediaType(DomainError):
    """The body is not of a type that is understood here."""

    code = "unsupported-media-type"


class RequestTimeout(DomainError):
    """The client took too long to send its request."""

    code = "request-timeout"


class UrlTooLong(DomainError):
    """The URL has more bytes than are read."""

    code = "url-too-long"


class HeadersTooLarge(DomainError):
    """The header fields have more bytes than are read, or there are too many of them."""

    code = "headers-too-large"


class StorageFull(Unavailable):
    """There is no space left to store something temporarily."""

    code = "storage-full"


class AddressNotFound(NotFound):
    """Nothing is at this address."""

    code = "address-not-found"


class OutcomeUnknownProblem(Unavailable):
    """The database did not answer at the decisive moment."""

    code = "outcome-unknown"


class InternalError(DomainError):
    """A defect of ours."""

    code = "internal-error"


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
    RequestTimeout: HTTPStatus.REQUEST_TIMEOUT,
    UrlTooLong: HTTPStatus.REQUEST_URI_TOO_LONG,
    HeadersTooLarge: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

HEADERS: dict[HTTPStatus, dict[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": RETRY_AFTER_SECONDS},
}


class Rejected(Exception):
    """Ends the work on a request early: it is answered with a problem document."""

    def __init__(self, error: DomainError, **extra: Any) -> None:
        super().__init__(error.code)
        self.error = error
        self.extra = extra


@dataclass(frozen=True, slots=True)
class Document:
    """A problem document, before it is known by what means it is sent."""

    status: HTTPStatus
    body: dict[str, Any]
    headers: dict[str, str]

    @classmethod
    def of(cls, error: DomainError, path: str, trace_id: str, **extra: Any) -> Self:
        status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
        body = {
            "type": f"/problems/{error.code}",
            "title": _title(error),
            "status": status,
            "detail": error.detail,
            "instance": path[:MAX_INSTANCE],
            "trace_id": trace_id,
            **extra,
        }
        return cls(status, body, _headers(error, status))


def problem(error: DomainError, request: HttpRequest, **extra: Any) -> JsonResponse:
    """Describe an expected failure in the standard form."""
    made = Document.of(error, request.path, origin.get().trace_id, **extra)
    return JsonResponse(
        made.body, status=made.status, content_type=MEDIA_TYPE, headers=made.headers
    )


def failed(error: BaseException) -> DomainError:
    """Return what is said of an unexpected exception: a full disk is no defect of ours."""
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        logger.error("storage.full", code=errno.errorcode[error.errno])
        return StorageFull("There is no space left on the server. Try again later.")
    logger.error("request.failed", exc_info=error)
    return InternalError("An internal error occurred and has been logged.")


def _headers(error: DomainError, status: HTTPStatus) -> dict[str, str]:
    headers = {"Cache-Control": "no-store", **HEADERS.get(status, {})}
    if type(error) in CHALLENGES:
        headers["WWW-Authenticate"] = CHALLENGES[type(error)]
    if (seconds := getattr(error, "retry_after", None)) is not None:
        headers["Retry-After"] = str(seconds)
    return headers


def _title(error: DomainError) -> str:
    title = " ".join(SPELT.get(word, word) for word in error.code.split("-"))
    return title[0].upper() + title[1:]


# What Django calls where no view of ours is reached.


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem(AddressNotFound("Nothing is at this address."), request)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    # For the request's own line in the log, which is the only one.
    request.META[REFUSED] = type(exception).__name__
    return problem(MalformedRequest("The request cannot be understood."), request)


def permission_denied(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem(Forbidden("This is not allowed."), request)


def server_error(request: HttpRequest) -> JsonResponse:
    return problem(failed(sys.exc_info()[1] or RuntimeError("unknown")), request)
