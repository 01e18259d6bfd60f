"""Views of the API: Django's async views, and how they read what a request says."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Set
from http import HTTPStatus
from typing import Any, ClassVar, Self, TypeVar

import structlog
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.views import View
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.bodies import body_of
from dashtam.api.faults import MAX_FAULTS, named, summarize
from dashtam.api.limits import SAFE, consume_token, method_of
from dashtam.api.problems import (
    MalformedRequest,
    MethodNotAllowed,
    OutcomeUnknownProblem,
    Rejected,
    UnsupportedMediaType,
    failed,
    problem,
    unwrap,
)
from domain.audit.origin import origin
from domain.shared.errors import Crowded, DomainError, Invalid, OutcomeUnknown, TooLarge
from domain.shared.limits import RateLimiter, TooManyRequests, network_of
from domain.shared.text import UNSTORABLE

logger = structlog.get_logger(__name__)

M = TypeVar("M", bound=BaseModel)
Q = TypeVar("Q", bound="Query")

MAX_JSON_BYTES = 64 * 1024
# A body up to this size is parsed on the event loop: a thread would take longer.
SMALL_JSON_BYTES = 16 * 1024
#: The most items that a list or an object may have; with more, none is looked at.
MAX_ITEMS = 500
#: What Django raises for a malformed request: too many parameters or fields, a broken body.
REFUSED_BY_DJANGO = (SuspiciousOperation, BadRequest, UnreadablePostError)


class InvalidBody(Invalid):
    """The body is JSON, but not valid for this endpoint."""

    code = "invalid-body"


class InvalidQuery(Invalid):
    """The query parameters are not valid for this endpoint."""

    code = "invalid-query"


class BodyTooLarge(TooLarge):
    """The body is too large."""

    code = "body-too-large"


class Clean(BaseModel):
    """Validated input: no unknown fields, no other types, no broken text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _no_flood_of_fields(cls, given: Any) -> Any:
        """Refuse very many unknown fields at once, rather than list an error for each."""
        known = len(cls.model_fields)
        if isinstance(given, dict) and len(given) > known + MAX_FAULTS:
            words = f"There are {len(given):,} fields; at most {known} are allowed"
            raise PydanticCustomError("too_many_fields", "{words}", {"words": words})
        return given

    @field_validator("*", mode="before")
    @classmethod
    def _no_flood_of_items(cls, value: Any) -> Any:
        if isinstance(value, (list, dict)) and len(value) > MAX_ITEMS:
            words = f"There are {len(value):,} items; at most {MAX_ITEMS} are allowed"
            raise PydanticCustomError("too_long", "{words}", {"words": words})
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _no_broken_text(cls, value: Any) -> Any:
        if isinstance(value, str) and UNSTORABLE.search(value):
            raise PydanticCustomError("broken_text", "This contains a NUL or half a surrogate pair")
        return value


class Body(Clean):
    """The JSON body of a request."""


class Changes(Body):
    """What is to change: a field that is left out stays as it is, and one has to be there."""

    #: Fields that say what is changed, and not how.
    whose: ClassVar[Set[str]] = frozenset()

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set - self.whose:
            raise PydanticCustomError("nothing", "There is nothing to change")
        return self


class Query(Clean):
    """The query parameters of a request: strings, from which numbers and dates are parsed."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)
    #: Those that may be given more than once: they are lists.
    repeatable: ClassVar[Set[str]] = frozenset()


class Fields(Clean):
    """The fields of a form beside its file: strings, as in a query."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class UnlimitedView(View):
    """A resource with a method for each HTTP method; its use cases come through `as_view`."""

    http_method_names = ["get", "post", "put", "patch", "delete", "options"]
    #: What is annotated, but comes with a request.
    per_request: ClassVar[Set[str]] = frozenset()

    @classmethod
    def needs(cls) -> set[str]:
        """Return the ports and use cases that this view has: its annotated attributes."""
        named = {name for each in cls.__mro__ for name in vars(each).get("__annotations__", {})}
        return {name for name in named if getattr(cls, name) is None} - cls.per_request

    def __init_subclass__(cls) -> None:
        # `as_view` accepts only attributes that exist, so each annotated one has to exist.
        for name in cls.__annotations__:
            if name not in vars(cls):
                setattr(cls, name, None)

    async def dispatch(  # type: ignore[override]  # Django types it for synchronous views
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        try:
            return await self.handle(request, *args, **kwargs)
        except Rejected as rejected:
            return self.refuse(rejected.error, request, **rejected.extra)
        except Crowded as crowded:
            return self.refuse(_too_many_at_once(crowded), request)
        except OutcomeUnknown:
            logger.warning("request.interrupted")
            detail = "The database did not respond, so this may or may not have been done."
            unknown = OutcomeUnknownProblem(f"{detail} Check before you try again.")
            return self.refuse(unknown, request)
        except REFUSED_BY_DJANGO:
            return self.refuse(MalformedRequest(), request)
        except Exception as error:  # noqa: BLE001  (`failed` logs it)
            return self.refuse(failed(error), request)

    def refuse(self, error: DomainError, request: HttpRequest, **extra: Any) -> HttpResponse:
        """Respond with an error: with a problem document, unless a protocol has other words."""
        return problem(error, request, **extra)

    async def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Call the method for the HTTP method; only those that read accept query parameters."""
        method = self._method(request)
        if request.method not in SAFE and method != self._refuse_method:
            refuse_query(request)
        return await method(request, *args, **kwargs)

    async def options(  # type: ignore[override]  # Django types it for synchronous views
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": self._allowed()})

    def _method(self, request: HttpRequest) -> Callable[..., Awaitable[HttpResponseBase]]:
        verb = verb_of(request)
        method = getattr(self, verb, None) if verb in self.http_method_names else None
        return method or self._refuse_method

    async def _refuse_method(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        allowed = self._allowed()
        refused = MethodNotAllowed(f"Method not allowed. Use {allowed}.")
        response = self.refuse(refused, request)
        response["Allow"] = allowed
        return response

    def _allowed(self) -> str:
        verbs = [verb.upper() for verb in self.http_method_names if hasattr(self, verb)]
        return ", ".join([*verbs, "HEAD"] if "GET" in verbs else verbs)


class ApiView(UnlimitedView):
    """A resource of the API, with a rate limit for each user or network."""

    rate_limiter: RateLimiter

    async def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        await self.admit(request)
        refusal = self.refusal(verb_of(request))
        if refusal:
            await self.audit(refusal)
            return self.refuse(refusal, request)
        return await super().handle(request, *args, **kwargs)

    async def audit(self, refusal: DomainError) -> None:
        """Record a refusal in the audit trail, where the caller is known."""

    def refusal(self, verb: str) -> DomainError | None:
        """Return why the caller may not do this, if so; by default, anybody may."""
        return None

    async def admit(self, request: HttpRequest) -> None:
        """Take a token: without a session, everybody on the same network shares a limit."""
        network = network_of(origin.get().ip_address)
        unwrap(await consume_token(self.rate_limiter, request, network))


def verb_of(request: HttpRequest) -> str:
    """Return the name of the method that handles a request: `get` for HEAD too."""
    return method_of(request).lower()


async def read(request: HttpRequest, model: type[M]) -> M:
    """Read the JSON body of a request."""
    if request.content_type != "application/json":
        raise Rejected(UnsupportedMediaType("The body must be application/json."))
    too_large = BodyTooLarge(f"A JSON body can have at most {MAX_JSON_BYTES:,} bytes.")
    async with body_of(request, MAX_JSON_BYTES, too_large) as file:
        body = file.read()
    if len(body) <= SMALL_JSON_BYTES:
        return _validated(body, model)
    return await asyncio.to_thread(_validated, body, model)


def _validated(body: bytes, model: type[M]) -> M:
    try:
        return model.model_validate_json(_json(body))
    except ValidationError as error:
        raise _rejected(InvalidBody, error, "pointer") from None


def read_query(request: HttpRequest, model: type[Q]) -> Q:
    """Read the query parameters of a request; unless they are lists, each may be given once."""
    given = dict(request.GET.lists())
    many = model.repeatable
    repeated = sorted(
        name for name, values in given.items() if len(values) > 1 and name not in many
    )
    if repeated:
        raise Rejected(
            InvalidQuery(f"These parameters were given more than once: {named(repeated)}.")
        )
    try:
        return model.model_validate(
            {name: values if name in many else values[0] for name, values in given.items()}
        )
    except ValidationError as error:
        raise _rejected(InvalidQuery, error, "parameter") from None


def refuse_query(request: HttpRequest) -> None:
    """Refuse all query parameters: a client that sends one expects it to have an effect."""
    read_query(request, Query)


def read_fields(fields: Mapping[str, str], model: type[M]) -> M:
    """Read the fields of a form."""
    try:
        return model.model_validate(dict(fields))
    except ValidationError as error:
        raise _rejected(InvalidBody, error, "field") from None


def _rejected(kind: type[DomainError], error: ValidationError, place: str) -> Rejected:
    sentence, faults = summarize(error, place)
    return Rejected(kind(sentence), errors=faults)


def _too_many_at_once(crowded: Crowded) -> TooManyRequests:
    return TooManyRequests.of(crowded.retry_after, "You have too many requests in progress.")


def _json(body: bytes) -> str:
    """Serialize a body again, after making sure that it can be read in only one way."""
    try:
        return json.dumps(
            json.loads(body, parse_constant=_refuse_constant, object_pairs_hook=_no_name_twice)
        )
    except (ValueError, RecursionError):
        detail = "The body is not valid JSON, or has the same field twice."
        raise Rejected(MalformedRequest(detail)) from None


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object with the same field twice: parsers differ on which one counts."""
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("the same field twice")
    return names


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
