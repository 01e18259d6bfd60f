"""Whom to tell about vulnerabilities (RFC 9116)."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from dashtam.api.http import UnlimitedView, refuse_query
from dashtam.api.problems import AddressNotFound, problem

# The standard recommends less than a year, so that nobody writes to a stale address.
LIFETIME = timedelta(days=90)


class SecurityTxtView(UnlimitedView):
    """The file that security researchers look for."""

    async def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the contact, if the settings have one."""
        refuse_query(request)
        if not settings.SECURITY_CONTACT:
            return problem(AddressNotFound(), request)
        expires = (timezone.now() + LIFETIME).replace(microsecond=0).isoformat()
        text = f"Contact: {settings.SECURITY_CONTACT}\nExpires: {expires}\n"
        return HttpResponse(
            f"{text}Preferred-Languages: en\n", content_type="text/plain; charset=utf-8"
        )
