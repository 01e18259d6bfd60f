"""The page to which banks send people back."""

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import ApiView

_TEXT = """Your bank has sent you back to Dashtam.

Copy the address of this page into the program with which you began the connection, within a quarter
of an hour. It works once, and for your connection alone: give it to nobody else.
"""


class CallbackView(ApiView):
    """Nothing is done here: the address counts once the person who began the connection sends it.

    Otherwise a stranger could have somebody consent, and get the account at the bank as their own.
    """

    async def get(self, request: HttpRequest) -> HttpResponse:
        """Say what to do with the address."""
        return HttpResponse(_TEXT, content_type="text/plain; charset=utf-8")
