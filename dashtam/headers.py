"""What a browser is told with every answer: in one place, for the API and for pages."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

#: Sent with everything.
ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: For answers that are data: whatever a browser takes them for, nothing in them runs or loads.
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
#: For pages of the admin and what they load. Forms are checked by their referrer, so there is one.
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
#: For a year browsers ask by https alone, here and at all names below.
TRANSPORT: Final = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload"}
PAGE_ROOTS: Final = ("/admin/", "/static/")


def headers_of(path: str, *, encrypted: bool) -> dict[str, str]:
    """Return what is said with answers at this address; of the transport, by https alone."""
    said = PAGES if path.startswith(PAGE_ROOTS) else API
    return {**said, **TRANSPORT} if settings.PRODUCTION and encrypted else said


def add_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    """Say all of it, unless a view has said something else."""
    for name, words in headers_of(request.path, encrypted=request.is_secure()).items():
        response.headers.setdefault(name, words)
