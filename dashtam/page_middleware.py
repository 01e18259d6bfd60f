"""Middleware of the admin and its static files: rate limits and limits for bodies."""

from collections.abc import Awaitable, Callable
from io import BytesIO

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from dashtam.api.bodies import SMALL_BYTES, body_of, is_outside
from dashtam.api.http import BodyTooLarge
from dashtam.api.limits import PAGES, SAFE
from dashtam.api.problems import Rejected, failed, problem
from dashtam.container import container
from dashtam.headers import PAGE_ROOTS
from domain.audit.origin import origin
from domain.shared.limits import network_of
from domain.shared.result import Failure

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class PageMiddleware:
    """Limits the rate of page requests by network, and reads forms for Django."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(PAGE_ROOTS):
            return await self._get_response(request)
        try:
            await self._consume_token(request)
            if request.method not in SAFE and is_outside(request):
                await self._read_form(request)
        except Rejected as rejected:
            return problem(rejected.error, request)
        except OSError as error:
            return problem(failed(error), request)
        return await self._get_response(request)

    async def _consume_token(self, request: HttpRequest) -> None:
        network = network_of(origin.get().ip_address)
        limit = PAGES.scaled(settings.RATE_LIMIT_SCALE)
        consumed = await container.ports.rate_limiter.consume(f"pages {network}", limit)
        if isinstance(consumed, Failure):
            raise Rejected(consumed.error)

    async def _read_form(self, request: HttpRequest) -> None:
        too_large = BodyTooLarge(f"A form has at most {SMALL_BYTES:,} bytes.")
        async with body_of(request, SMALL_BYTES, too_large) as form:
            request._stream = BytesIO(form.read())
