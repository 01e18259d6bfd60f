"""Django's middleware for the admin only: elsewhere, each would cost a switch to a thread."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

HOOKS = ("process_view", "process_exception", "process_template_response")
ADMIN = "/admin/"


class ForAdmin:
    """Limits a middleware of Django's to requests of the admin."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)  # type: ignore[call-arg]  # the middleware behind this
        self._next = get_response
        for name in HOOKS:
            if hasattr(self, name):
                setattr(self, name, _only_for_admin(getattr(self, name)))
        markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if request.path.startswith(ADMIN):
            return super().__call__(request)  # type: ignore[misc]  # the middleware behind this
        return self._next(request)


def _only_for_admin(hook: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    awaitable = hook if iscoroutinefunction(hook) else sync_to_async(hook)

    async def scoped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.path.startswith(ADMIN):
            return await awaitable(request, *args, **kwargs)
        return None

    return scoped


class AdminSecurityMiddleware(ForAdmin, SecurityMiddleware):
    pass


class AdminSessionMiddleware(ForAdmin, SessionMiddleware):
    pass


class AdminCommonMiddleware(ForAdmin, CommonMiddleware):
    pass


class AdminCsrfMiddleware(ForAdmin, CsrfViewMiddleware):
    pass


class AdminAuthenticationMiddleware(ForAdmin, AuthenticationMiddleware):
    pass


class AdminMessageMiddleware(ForAdmin, MessageMiddleware):
    pass


class AdminFrameMiddleware(ForAdmin, XFrameOptionsMiddleware):
    pass
