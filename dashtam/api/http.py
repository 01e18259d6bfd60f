"""Views of the API: what Django's async views need to read JSON and answer with it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Set
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

import structlog
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.views import View
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.bodies import body_of
from dashtam.api.faults import MAX_FAULTS, named, told
from dashtam.api.limits import SAFE, method_of, take
from dashtam.api.problems import (
    MalformedRequest,
    MethodNotAllowed,
    OutcomeUnknownProblem,
    Rejected,
    UnsupportedMediaType,
    failed,
    problem,
)
from domain.audit.origin import origin
from domain.shared.errors import Crowded, DomainError, Invalid, OutcomeUnknown, TooLarge
from domain.shared.limits import RateLimiter, TooManyRequests, network_of
from domain.shared.result import Failure

logger = structlog.get_logger(__name__)

M = TypeVar("M", bound=BaseModel)

MAX_JSON_BYTES = 64 * 1024
# Up to here reading a body takes less time than having it read elsewhere.
SMALL_JSON_BYTES = 16 * 1024
#: What no list and no object has more of: its items are not even looked at then.
MAX_ITEMS = 500
#: What Django raises when a request is not one: too many parameters or fields, a broken body.
REFUSED_BY_DJANGO = (SuspiciousOperation, BadRequest, UnreadablePostError)


class InvalidBody(Invalid):
    """The body is JSON, and says something that cannot be taken."""

    code = "invalid-body"


class InvalidQuery(Invalid):
    """The query says something that cannot be taken."""

    code = "invalid-query"


class BodyTooLarge(TooLarge):
    """The body has more bytes than are read."""

    code = "body-too-large"


class Clean(BaseModel):
    """Input that is exactly what it may be: no other fields, types, or text that breaks."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _no_flood_of_fields(cls, given: Any) -> Any:
        """Refuse at once what could only be told of by a fault for each of very many fields."""
        known = len(cls.model_fields)
        if isinstance(given, dict) and len(given) > known + MAX_FAULTS:
            words = f"There are {len(given):,} fields; this takes {known} at most"
            raise PydanticCustomError("too_many_fields", "{words}", {"words": words})
        return given

    @field_validator("*", mode="before")
    @classmethod
    def _no_flood_of_items(cls, value: Any) -> Any:
        if isinstance(value, (list, dict)) and len(value) > MAX_ITEMS:
            words = f"This holds {len(value):,} items; {MAX_ITEMS} are taken at most"
            raise PydanticCustomError("too_long", "{words}", {"words": words})
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _no_broken_text(cls, value: Any) -> Any:
        if isinstance(value, str) and ("\0" in value or not _is_unicode(value)):
            raise PydanticCustomError("broken_text", "This contains a NUL or half a character")
        return value


class Body(Clean):
    """The JSON body of a request."""


class Query(Clean):
    """The parameters of a request's address: text, so numbers and dates are read from it."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class Fields(Clean):
    """The fields of a form beside its file: text, as in a query."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


class UnlimitedView(View):
    """A resource: a method per verb; what it needs comes through `as_view`."""

    http_method_names = ["get", "post", "put", "patch", "delete", "options"]
    #: What is annotated, but comes with a request.
    per_request: ClassVar[Set[str]] = frozenset()

    @classmethod
    def needs(cls) -> set[str]:
        """Return the ports and use cases that this view has: its annotated attributes."""
        named = {name for each in cls.__mro__ for name in vars(each).get("__annotations__", {})}
        return {name for name in named if getattr(cls, name) is None} - cls.per_request

    def __init_subclass__(cls) -> None:
        # `as_view` takes only names that exist: what a view says it needs, exists.
        for name in cls.__annotations__:
            if name not in vars(cls):
                setattr(cls, name, None)

    async def dispatch(  # type: ignore[override]  # Django types it for synchronous views
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        try:
            return await self.respond(request, *args, **kwargs)
        except Rejected as rejected:
            return problem(rejected.error, request, **rejected.extra)
        except Crowded as crowded:
            return problem(_too_many_at_once(crowded), request)
        except OutcomeUnknown:
            logger.warning("request.interrupted")
            unknown = "The database did not answer: whether this was done is not known. Try again."
            return problem(OutcomeUnknownProblem(unknown), request)
        except REFUSED_BY_DJANGO:
            return problem(MalformedRequest("The request cannot be understood."), request)
        except Exception as error:  # noqa: BLE001  (it is logged by `failed`)
            return problem(failed(error), request)

    async def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the method that the verb names; only what reads takes parameters."""
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
        response = problem(MethodNotAllowed(f"This address knows {allowed}."), request)
        response["Allow"] = allowed
        return response

    def _allowed(self) -> str:
        verbs = [verb.upper() for verb in self.http_method_names if hasattr(self, verb)]
        return ", ".join([*verbs, "HEAD"] if "GET" in verbs else verbs)


class ApiView(UnlimitedView):
    """A resource of the API: it is asked so often, by each network or user, and no oftener."""

    rate_limiter: RateLimiter

    async def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        taken = await take(self.rate_limiter, request, self.who())
        if isinstance(taken, Failure):
            return problem(taken.error, request)
        refusal = self.refusal(verb_of(request))
        if refusal:
            await self.tell(refusal)
            return problem(refusal, request)
        return await super().respond(request, *args, **kwargs)

    async def tell(self, refusal: DomainError) -> None:
        """Tell the trail of a refusal, where it is known who is refused."""

    def refusal(self, verb: str) -> DomainError | None:
        """Return why whoever asks may not do this, if so: here everybody may."""
        return None

    def who(self) -> str:
        """Name those who share a limit: without a session, all who ask from one network."""
        return network_of(origin.get().ip_address)


def verb_of(request: HttpRequest) -> str:
    """Return the method that answers: what may be read may be asked after."""
    return method_of(request).lower()


async def read(request: HttpRequest, model: type[M]) -> M:
    """Read the JSON body of a request."""
    if request.content_type != "application/json":
        raise Rejected(UnsupportedMediaType("The body has to be application/json."))
    too_large = BodyTooLarge(f"A JSON body has at most {MAX_JSON_BYTES:,} bytes.")
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


def read_query(request: HttpRequest, model: type[M]) -> M:
    """Read the parameters of a request's address, each of them given once."""
    given = dict(request.GET.lists())
    repeated = sorted(name for name, values in given.items() if len(values) > 1)
    if repeated:
        raise Rejected(InvalidQuery(f"Given more than once: {named(repeated)}."))
    try:
        return model.model_validate({name: values[0] for name, values in given.items()})
    except ValidationError as error:
        raise _rejected(InvalidQuery, error, "parameter") from None


def refuse_query(request: HttpRequest) -> None:
    """Refuse parameters where none are known: whoever gives one expects something of it."""
    read_query(request, Query)


def read_fields(fields: Mapping[str, str], model: type[M]) -> M:
    """Read the fields of a form."""
    try:
        return model.model_validate(dict(fields))
    except ValidationError as error:
        raise _rejected(InvalidBody, error, "field") from None


def _rejected(kind: type[DomainError], error: ValidationError, place: str) -> Rejected:
    sentence, faults = told(error, place)
    return Rejected(kind(sentence), errors=faults)


def _too_many_at_once(crowded: Crowded) -> TooManyRequests:
    wait = crowded.retry_after
    told = f"Too many of your requests are under way. Try again in {wait} seconds."
    return TooManyRequests(told, wait)


def _json(body: bytes) -> str:
    """Write anew what a body says, once it can be read in one way alone."""
    try:
        return json.dumps(
            json.loads(body, parse_constant=_refuse_constant, object_pairs_hook=_no_name_twice)
        )
    except (ValueError, RecursionError):
        told = "The body is not JSON, or names a field twice."
        raise Rejected(MalformedRequest(told)) from None


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a field twice: readers differ on which one counts."""
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice")
    return names


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
