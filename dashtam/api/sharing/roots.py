"""The URL under which apps find this server."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest

#: Some programs accept a claim URL only with this in it.
ROOT: Final = "/simplefin"


def public_root(request: HttpRequest) -> str:
    """Return the root of SimpleFIN: at PUBLIC_URL, or else at the host of the request.

    A host that is not one of ALLOWED_HOSTS ends the request.
    """
    return f"{settings.PUBLIC_URL or f'{request.scheme}://{request.get_host()}'}{ROOT}"
