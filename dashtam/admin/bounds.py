"""Limits on the parameters and fields of requests, checked before Django's admin reads them."""

from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from domain.identity.values import Password

View = Callable[..., Any]

#: The most characters of a query parameter: a search, a filter, or where to go after a log-in.
MAX_PARAMETER = 255
MAX_PARAMETERS = 50
#: The most characters of a form field: none is longer than a password.
MAX_FIELD = Password.MAX_TYPED


def bounded(view: View) -> View:
    """Refuse too many or too long parameters."""

    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if len(request.GET) > MAX_PARAMETERS:
            raise BadRequest("There are too many parameters.")
        if any(len(each) > MAX_PARAMETER for each in _texts(request.GET)):
            raise BadRequest("A parameter is too long.")
        if any(len(each) > MAX_FIELD for each in _texts(request.POST)):
            raise BadRequest("A field is too long.")
        response: HttpResponse = view(request, *args, **kwargs)
        return response

    return update_wrapper(inner, view)


def _texts(given: Any) -> Iterator[str]:
    """Yield every name and every value of a query or a form."""
    for name, values in given.lists():
        yield name
        yield from values
