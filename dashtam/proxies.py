"""What proxies say of a request: believed of those that are trusted, and taken from all others."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from dashtam.api.problems import problem
from domain.shared.errors import Forbidden

Networks = Sequence[IPv4Network | IPv6Network]

#: What a request came by. The host is never a proxy's to say: it passes on the one it was asked.
FORWARDED_PROTO = "HTTP_X_FORWARDED_PROTO"
API = "/api/"
#: Some proxies add the port; around an address of IPv6 there are brackets then.
WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5}", re.ASCII)


class HttpsRequired(Forbidden):
    """It was asked without encryption: a token that was sent along is no secret any more."""

    code = "https-required"


def strip_untrusted_headers(request: HttpRequest, trusted: Networks) -> None:
    """Take away what a proxy would say, unless one that is trusted says it."""
    if not is_trusted(request.META.get("REMOTE_ADDR", ""), trusted):
        request.META.pop(FORWARDED_PROTO, None)


def refuse_plain(request: HttpRequest) -> HttpResponse | None:
    """Refuse to answer the API by plain http in production; a redirect would hide the mistake."""
    if not settings.PRODUCTION or request.is_secure() or not request.path.startswith(API):
        return None
    return problem(HttpsRequired("Use HTTPS for this request."), request)


def client_address(request: HttpRequest, trusted: Networks) -> str | None:
    """Return the nearest address that is no trusted proxy; only trusted ones are believed."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    believed = None
    for text in (request.META.get("REMOTE_ADDR", ""), *reversed(forwarded)):
        address = _address(text.strip())
        if address is None:
            break
        believed = str(address)
        if not any(address in network for network in trusted):
            break
    return believed


def is_trusted(text: str, trusted: Networks) -> bool:
    """Tell whether this is the address of a proxy that is trusted."""
    address = _address(text)
    return address is not None and any(address in network for network in trusted)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, with or without a port; one of IPv4 that a socket of IPv6 tells of is what
    it is.

    Through which interface one of the same link came (RFC 4007) is no part of it.
    """
    if found := WITH_PORT.fullmatch(text):
        text = found[1] or found[2]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
