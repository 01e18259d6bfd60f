"""Forwarded headers: accepted from trusted proxies, and removed from all others."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from dashtam.api.problems import problem
from domain.shared.errors import Forbidden

Networks = Sequence[IPv4Network | IPv6Network]

#: The scheme of a request. The host is never taken from a proxy, which passes on its own.
FORWARDED_PROTO = "HTTP_X_FORWARDED_PROTO"
API = "/api/"
#: Some proxies add the port; an IPv6 address then has brackets.
WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5}", re.ASCII)


class HttpsRequired(Forbidden):
    """The request was not encrypted, so a token in it is no longer secret."""

    code = "https-required"


def strip_untrusted_headers(request: HttpRequest, trusted: Networks) -> None:
    """Remove X-Forwarded-Proto, unless a trusted proxy sent it."""
    given = request.META
    if FORWARDED_PROTO in given and not is_trusted(given.get("REMOTE_ADDR", ""), trusted):
        del given[FORWARDED_PROTO]


def refuse_plain(request: HttpRequest) -> HttpResponse | None:
    """Refuse plain HTTP for the API in production; a redirect would hide the mistake."""
    if not is_plain(request) or not request.path.startswith(API):
        return None
    return problem(HttpsRequired("Use HTTPS for this request."), request)


def is_plain(request: HttpRequest) -> bool:
    """Return whether a request in production is not encrypted."""
    return settings.PRODUCTION and not request.is_secure()


def client_address(request: HttpRequest, trusted: Networks) -> str | None:
    """Return the nearest address that is not a trusted proxy's, as trusted proxies state it."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    believed = None
    for text in (request.META.get("REMOTE_ADDR", ""), *reversed(forwarded)):
        address = _address(text.strip())
        if address is None:
            break
        believed = _text_of(address)
        if not any(address in network for network in trusted):
            break
    return believed


def is_trusted(text: str, trusted: Networks) -> bool:
    """Return whether this is the address of a trusted proxy."""
    address = _address(text)
    return address is not None and any(address in network for network in trusted)


_text_of = lru_cache(str)


@lru_cache
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Parse an address, with or without a port or zone (RFC 4007), IPv4-mapped ones as IPv4."""
    if found := WITH_PORT.fullmatch(text):
        text = found[1] or found[2]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
