"""Problem documents (RFC 9457): every error of the API, in one form."""

import errno
import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Self, TypeVar

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
from domain.shared.result import Failure, Result

logger = structlog.get_logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
T = TypeVar("T")

RETRY_AFTER_SECONDS = "5"
NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT)
#: Where a request says why Django refused it.
REFUSED: Final = "dashtam.refused"
# Words of a code that are spelt differently in a title.
SPELT = {"api": "API", "csv": "CSV", "url": "URL"}
# A longer path leads nowhere, and is cut off in the document.
MAX_INSTANCE = 512
# RFC 6750, section 3.1; RFC 9470, section 3: the token is valid, its user has to log in again.
CHALLENGES: dict[type[DomainError], str] = {
    InvalidToken: 'Bearer error="invalid_token"',
    ScopeMissing: 'Bearer error="insufficient_scope"',
    RecentAuthenticationRequired: (
        'Bearer error="insufficient_user_authentication", '
        f"max_age={Session.RECENT_AUTHENTICATION.total_seconds():.0f}"
    ),
}


@dataclass(frozen=True)
class MalformedRequest(DomainError):
    """The request cannot be parsed, or is not what its headers say."""

    code = "malformed-request"
    detail: str = "The request is malformed."


class MethodNotAllowed(DomainError):
    """The resource exists, and does not support this method."""

    code = "method-not-allowed"


class UnsupportedMediaType(DomainError):
    """The body is not of a media type that this endpoint reads."""

    code = "unsupported-media-type"


class RequestTimeout(DomainError):
    """The client took too long to send its request."""

    code = "request-timeout"


class UrlTooLong(DomainError):
    """The URL is too long."""

    code = "url-too-long"


class HeadersTooLarge(DomainError):
    """The header fields are too long, or there are too many of them."""

    code = "headers-too-large"


class StorageFull(Unavailable):
    """The server has no disk space left for temporary files."""

    code = "storage-full"


@dataclass(frozen=True)
class AddressNotFound(NotFound):
    """There is nothing at this URL."""

    code = "address-not-found"
    detail: str = "There is nothing at this URL."


class OutcomeUnknownProblem(Unavailable):
    """The database did not confirm a COMMIT."""

    code = "outcome-unknown"


class InternalError(DomainError):
    """A bug."""

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
    # Asking for less helps, and waiting does not.
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
    """Ends a request early: the response is a problem document."""

    def __init__(self, error: DomainError, **extra: Any) -> None:
        super().__init__(error.code)
        self.error = error
        self.extra = extra


def unwrap(result: Result[T, DomainError]) -> T:
    """Return the value of a success; a failure ends the request with its problem document."""
    if isinstance(result, Failure):
        raise Rejected(result.error)
    return result.value


@dataclass(frozen=True, slots=True)
class Document:
    """A problem document, however it is sent."""

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
            **error.members(),
            **extra,
        }
        return cls(status, body, _headers(error, status))


def problem(error: DomainError, request: HttpRequest, **extra: Any) -> JsonResponse:
    """Respond with a problem document."""
    made = Document.of(error, request.path, origin.get().trace_id, **extra)
    return JsonResponse(
        made.body, status=made.status, content_type=MEDIA_TYPE, headers=made.headers
    )


def failed(error: BaseException) -> DomainError:
    """Return the error to report for an unexpected exception: a full disk is not a bug."""
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        logger.error("storage.full", code=errno.errorcode[error.errno])
        return StorageFull("The server has run out of disk space. Try again later.")
    logger.error("request.failed", exc_info=error)
    return InternalError("Something went wrong on our side. The error has been logged.")


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


# Django calls these where it does not reach a view of ours.


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem(AddressNotFound(), request)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    # For the log line of the request.
    request.META[REFUSED] = type(exception).__name__
    return problem(MalformedRequest(), request)


def permission_denied(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem(Forbidden("You are not allowed to do this."), request)


def server_error(request: HttpRequest) -> JsonResponse:
    return problem(failed(sys.exc_info()[1] or RuntimeError("unknown")), request)
