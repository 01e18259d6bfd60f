"""Who is told of weaknesses (RFC 9116)."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from dashtam.api.http import UnlimitedView, refuse_query
from dashtam.api.problems import AddressNotFound, problem

# The standard asks for less than a year, so that nobody writes to who has left long ago.
LIFETIME = timedelta(days=90)


class SecurityTxtView(UnlimitedView):
    """The page that researchers look for."""

    async def get(self, request: HttpRequest) -> HttpResponseBase:
        """Name the contact, where the settings name one."""
        refuse_query(request)
        if not settings.SECURITY_CONTACT:
            return problem(AddressNotFound("Nothing is at this address."), request)
        expires = (timezone.now() + LIFETIME).replace(microsecond=0).isoformat()
        text = f"Contact: {settings.SECURITY_CONTACT}\nExpires: {expires}\n"
        return HttpResponse(
            f"{text}Preferred-Languages: en\n", content_type="text/plain; charset=utf-8"
        )
