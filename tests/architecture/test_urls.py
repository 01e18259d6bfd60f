"""Every address leads to a view that has all it needs, and asks who is asking unless it is open."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from dashtam.api.http import ApiView
from dashtam.api.session import CallerView

OPEN = {"health/live", "health/ready", "metrics"}
OPEN |= {f"api/v1/{name}" for name in ("users", "email-verifications", "sessions", "tokens")}
OPEN |= {"api/v1/account-recoveries"}
SET_BY_REQUESTS = {"session", "caller"}


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


def needs(view: type) -> set[str]:
    """Return what a view says it needs."""
    named = {name for each in view.__mro__ for name in getattr(each, "__annotations__", {})}
    return {name for name in named if getattr(view, name) is None} - SET_BY_REQUESTS


def test_there_are_addresses() -> None:
    assert len(OURS) > 10


@pytest.mark.parametrize(("route", "callback"), OURS)
def test_a_view_is_given_what_it_needs(route: str, callback: object) -> None:
    view = callback.view_class  # type: ignore[attr-defined]  # Django sets it
    given = callback.view_initkwargs  # type: ignore[attr-defined]  # Django sets it

    assert issubclass(view, ApiView)
    assert given.keys() == needs(view)


@pytest.mark.parametrize(("route", "callback"), OURS)
def test_a_view_asks_who_is_asking(route: str, callback: object) -> None:
    view = callback.view_class  # type: ignore[attr-defined]  # Django sets it

    assert issubclass(view, CallerView) is (route not in OPEN)
