"""Every URL has a view with all it needs, and each method declares who may use it."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from dashtam.api.http import ApiView, UnlimitedView
from dashtam.api.session import CallerView, SessionView
from domain.identity.entities import Caller
from domain.identity.errors import ScopeMissing, SessionRequired
from domain.identity.values import Scope
from domain.shared.ids import UserId, new_id
from tests.api.endpoints import OPEN as OPEN_TO_ALL
from tests.factories import make_api_token, make_session

UNLIMITED = {"health/live", "health/ready", "metrics"}
#: What needs no token: (method, address).
OPEN = {("get", name) for name in UNLIMITED}
OPEN |= {(verb, f"api/v1/{route}") for verb, route in OPEN_TO_ALL}


def views(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern, route)
        else:
            yield route, pattern


OURS = [
    (route, pattern.callback)
    for route, pattern in views(get_resolver())
    if route.startswith(("api/", "health/", "metrics"))
]


def test_urls_are_found() -> None:
    assert len(OURS) > 10


@pytest.mark.parametrize(("route", "callback"), OURS)
def test_a_view_has_every_attribute_it_needs(route: str, callback: object) -> None:
    view = callback.view_class  # type: ignore[attr-defined]  # Django sets it
    attributes = callback.view_initkwargs  # type: ignore[attr-defined]  # Django sets it

    assert issubclass(view, UnlimitedView)
    assert issubclass(view, ApiView) is (route not in UNLIMITED)
    assert attributes.keys() == view.needs()
    assert None not in attributes.values()


def served(view: type[ApiView]) -> list[str]:
    """Return the methods that do something."""
    known = [verb for verb in view.http_method_names if hasattr(view, verb)]
    return [verb for verb in known if verb != "options"]


def openness(view: type[ApiView], verb: str) -> str:
    """Return who may use a method: anybody, a session, programs with a scope, or it is unsaid."""
    if not issubclass(view, CallerView) or verb in view.anybody:
        return "open"
    if issubclass(view, SessionView):
        return "session"
    needed = view.scopes.get(verb, set())
    return "scope" if needed and needed <= set(Scope) else "unsaid"


METHODS = [
    (route, verb, callback.view_class)  # type: ignore[attr-defined]  # Django sets it
    for route, callback in OURS
    for verb in served(callback.view_class)  # type: ignore[attr-defined]  # Django sets it
]


@pytest.mark.parametrize(("route", "verb", "view"), METHODS)
def test_every_method_declares_its_access(route: str, verb: str, view: type[ApiView]) -> None:
    assert openness(view, verb) != "unsaid"
    assert (openness(view, verb) == "open") is ((verb, route) in OPEN)


@pytest.mark.parametrize(("route", "callback"), OURS)
def test_a_view_declares_nothing_for_missing_methods(route: str, callback: object) -> None:
    view = callback.view_class  # type: ignore[attr-defined]  # Django sets it

    if issubclass(view, CallerView):
        declared = {*view.scopes, *view.anybody} - {"options"}
        assert declared <= set(served(view))
    if issubclass(view, SessionView):
        assert view.scopes == {}
        assert view.needs_recent_authentication <= set(served(view))


class TestTheGuardItself:
    class Forgotten(CallerView):
        """A view with a method that names no scope, and one that names an empty set."""

        scopes = {"get": frozenset({Scope.READ_ACCOUNTS}), "put": frozenset()}

        async def get(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse()

        async def put(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse()

        async def post(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse()

    def test_finds_a_method_without_a_scope(self) -> None:
        access = {verb: openness(self.Forgotten, verb) for verb in served(self.Forgotten)}

        assert access == {"get": "scope", "post": "unsaid", "put": "unsaid"}

    def test_such_a_method_is_refused_to_api_tokens(self) -> None:
        view = self.Forgotten()
        every = frozenset(Scope)
        view.caller = Caller(make_api_token(UserId(new_id()), scopes=every))

        assert view.refusal("get") is None
        assert isinstance(view.refusal("post"), SessionRequired)
        assert isinstance(view.refusal("put"), SessionRequired)

    def test_a_session_may_use_every_method(self) -> None:
        view = self.Forgotten()
        view.caller = Caller(make_session(UserId(new_id())))

        assert [view.refusal(verb) for verb in ("get", "post", "put")] == [None] * 3

    def test_a_view_without_methods_needs_nothing(self) -> None:
        view = self.Forgotten()
        view.caller = Caller(make_api_token(UserId(new_id()), scopes=frozenset()))

        assert [view.refusal(verb) for verb in ("options", "trace", "delete")] == [None] * 3
        assert isinstance(view.refusal("get"), ScopeMissing)
