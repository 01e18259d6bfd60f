"""Security headers of all responses, for the API and for pages."""

from functools import cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

#: For all responses.
ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: For responses that are data: even if a browser renders one, nothing in it runs or loads.
API: Final = {
    **ALWAYS,
    "Content-Security-Policy": "; ".join(
        [
            *("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"),
            *("form-action 'none'", "sandbox"),
        ]
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
#: For pages of the admin and their files. Django checks the referrer of forms, so it is sent.
PAGES: Final = {
    **ALWAYS,
    "Content-Security-Policy": "; ".join(
        [
            *("default-src 'self'", "img-src 'self' data:", "object-src 'none'"),
            *("base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"),
        ]
    ),
    "Referrer-Policy": "same-origin",
}
#: For a year, browsers use only HTTPS for this host and its subdomains.
TRANSPORT: Final = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload"}
PAGE_ROOTS: Final = ("/admin/", "/static/")


def headers_of(path: str, *, encrypted: bool) -> dict[str, str]:
    """Return the headers for this path; Strict-Transport-Security only over HTTPS."""
    said = PAGES if path.startswith(PAGE_ROOTS) else API
    return {**said, **TRANSPORT} if encrypted else said


@cache
def _stored(*, is_page: bool, encrypted: bool) -> dict[str, tuple[str, str]]:
    """Return the headers as Django stores them."""
    said = headers_of(PAGE_ROOTS[0] if is_page else "", encrypted=encrypted)
    return {name.lower(): (name, words) for name, words in said.items()}


def add_headers(request: HttpRequest, response: HttpResponseBase, traceparent: str) -> None:
    """Add the trace and the length, and all headers except those that a view has set."""
    # The dictionary in which Django stores headers: to check each of these costs more than a view.
    stored = response.headers._store
    encrypted = settings.PRODUCTION and request.is_secure()
    is_page = request.path.startswith(PAGE_ROOTS)
    stored["traceparent"] = ("traceparent", traceparent)
    for name, header in _stored(is_page=is_page, encrypted=encrypted).items():
        stored.setdefault(name, header)
    if isinstance(response, HttpResponse) and "content-length" not in stored:
        stored["content-length"] = ("Content-Length", str(len(response.content)))
