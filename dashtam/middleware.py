"""Middleware of every request: its origin, one line in the log, and security headers."""

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable

import structlog
from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from dashtam.api.limits import SAFE
from dashtam.api.problems import REFUSED, UrlTooLong, problem
from dashtam.headers import add_headers
from dashtam.proxies import client_address, refuse_plain, strip_untrusted_headers
from domain.audit.origin import Origin, origin
from domain.shared.events import ANONYMOUS

logger = structlog.get_logger(__name__)

GetResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

# W3C Trace Context, version 00: trace id, parent id, flags.
TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
MAX_AGENT = 256
#: Characters of a path, and bytes of a query: no genuine request needs more.
MAX_URL = 8 * 1024


class OriginMiddleware:
    """Gives each request an origin and a trace id, and logs one line when it is done."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        strip_untrusted_headers(request, settings.TRUSTED_PROXIES)
        came_from = _origin(request)
        before = origin.set(came_from)
        began = time.perf_counter()
        try:
            refused = refuse_plain(request) or refuse_long_url(request)
            response = refused or await self._get_response(request)
            _log(request, response, began)
        finally:
            origin.reset(before)
        add_headers(request, response, f"00-{came_from.trace_id}-{secrets.token_hex(8)}-01")
        return response


def refuse_long_url(request: HttpRequest) -> HttpResponse | None:
    """Refuse a long URL before its parameters are parsed, which costs more than their length."""
    if len(request.path) + len(request.META.get("QUERY_STRING", "")) <= MAX_URL:
        return None
    return problem(UrlTooLong(f"A URL has at most {MAX_URL:,} characters."), request)


def _origin(request: HttpRequest) -> Origin:
    traced = TRACEPARENT.fullmatch(request.META.get("HTTP_TRACEPARENT", ""))
    agent = request.META.get("HTTP_USER_AGENT", "")
    return Origin(
        trace_id=traced[1] if traced else secrets.token_hex(16),
        ip_address=client_address(request, settings.TRUSTED_PROXIES),
        user_agent=_printable(agent[:MAX_AGENT]),
        actor=ANONYMOUS,
        is_read_only=request.method in SAFE,
    )


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each for each in text if each.isprintable())


def _log(request: HttpRequest, response: HttpResponseBase, began: float) -> None:
    if not logger.isEnabledFor(logging.INFO):
        return
    match = request.resolver_match
    logger.info(
        "request",
        method=request.method,
        # The route, not the path: paths contain ids.
        route=match.route if match else "(none)",
        status=response.status_code,
        duration_ms=round((time.perf_counter() - began) * 1000, 1),
        **({"refused": request.META[REFUSED]} if REFUSED in request.META else {}),
    )
