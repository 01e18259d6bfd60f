"""Which addresses providers may have: none that reach into the operator's own networks."""

import re
import socket
from collections.abc import Callable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from adapters.providers.troubles import trouble
from domain.connections.providers import ProviderTrouble, TroubleKind
from domain.shared.result import Failure, Result, Success

#: Returns the addresses of a host, as a name server knows them at this moment.
Resolver = Callable[[str, int], Sequence[str]]

MAX_HOST_LENGTH = 253
WEB_PORTS = frozenset({80, 443})
FIRST_UNPRIVILEGED_PORT = 1024

_Network = IPv4Network | IPv6Network


def _networks(text: str) -> Sequence[_Network]:
    return tuple(ip_network(each) for each in text.split())


# Loopback, private use (RFC 1918, RFC 4193), carrier-grade NAT (RFC 6598), benchmarks (RFC 2544).
_PRIVATE = _networks(
    "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 198.18.0.0/15"
    " ::1/128 fc00::/7"
)
# Services of clouds that hand out credentials, to whoever reaches them from within.
_METADATA = _networks("169.254.169.254 100.100.100.200 168.63.129.16 192.0.0.192 fd00:ec2::254")
_NEVER = _networks(
    # This network, link-local, protocol assignments, documentation, multicast, reserved.
    "0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.51.100.0/24"
    " 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    # The same of IPv6, and Teredo; a /23 for protocols is more than what is in use of it.
    " fe80::/10 fec0::/10 ff00::/8 2001::/23 2001:db8::/32 3fff::/20"
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
# A host whose last label is a number is an address, however it is spelled (WHATWG URL).
_NUMERIC = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?$")


def resolve_target(
    host: str, port: int, may_be_private: bool, resolver: Resolver | None = None
) -> Result[str, ProviderTrouble]:
    """Return the one address to connect to, so that what was checked is what is used.

    It blocks while a name server is asked. A host with any forbidden address is refused.
    """
    if not _is_plain(host) or not (port in WEB_PORTS or FIRST_UNPRIVILEGED_PORT <= port < 65536):
        return Failure(trouble(TroubleKind.PROTOCOL, "The address of the provider is not allowed."))
    try:
        addresses = (resolver or system_addresses)(host, port)
    except (OSError, UnicodeError):
        return Failure(trouble(TroubleKind.TRANSIENT, "The provider's address is not known."))
    if not addresses:
        return Failure(trouble(TroubleKind.TRANSIENT, "The provider's address is not known."))
    if not all(is_allowed(each, may_be_private) for each in addresses):
        return Failure(trouble(TroubleKind.PROTOCOL, "The address of the provider is not allowed."))
    return Success(addresses[0])


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host, the best one first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


def is_allowed(address: str, may_be_private: bool) -> bool:
    """Return whether a provider may be there; an address within an address counts."""
    try:
        ip = _innermost(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if _is_in(ip, _METADATA) or _is_in(ip, _NEVER):
        return False
    if _is_in(ip, _PRIVATE):
        return may_be_private
    return isinstance(ip, IPv4Address) or ip in _GLOBAL_UNICAST


def _innermost(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Unpack IPv4-mapped addresses, 6to4 (RFC 3056) and NAT64 (RFC 6052)."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _is_in(ip: IPv4Address | IPv6Address, networks: Sequence[_Network]) -> bool:
    return any(ip in network for network in networks)


def _is_plain(host: str) -> bool:
    """Return whether it is a name, or an address in its one usual spelling."""
    if not 0 < len(host) <= MAX_HOST_LENGTH:
        return False
    try:
        return str(ip_address(host)) == host.lower()
    except ValueError:
        return _NAME.fullmatch(host) is not None and _NUMERIC.search(host) is None
