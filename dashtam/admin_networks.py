"""The networks from which the admin can be reached."""

from ipaddress import ip_address

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from dashtam.admin_middleware import ADMIN, GetResponse
from dashtam.api.problems import AddressNotFound, problem
from dashtam.proxies import is_trusted
from domain.audit.origin import origin


class AdminNetworkMiddleware:
    """Hides the admin from clients outside ADMIN_NETWORKS."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self._next = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(ADMIN) and not self._is_near(origin.get().ip_address):
            return problem(AddressNotFound(), request)
        return await self._next(request)

    def _is_near(self, address: str | None) -> bool:
        networks = settings.ADMIN_NETWORKS
        if not networks:
            return True
        if address is None or is_trusted(address, settings.TRUSTED_PROXIES):
            # A trusted proxy did not name its client, so the client is unknown.
            return False
        return any(ip_address(address) in each for each in networks)
