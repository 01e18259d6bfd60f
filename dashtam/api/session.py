"""Views for those who are logged in."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from dashtam.api.authentication import who_asks
from dashtam.api.http import ApiView
from dashtam.api.problems import problem
from dashtam.application.identity.authenticate import Authenticate
from domain.identity.entities import Session
from domain.shared.result import Failure


class SessionView(ApiView):
    """A view that answers only within an active session."""

    authenticate: Authenticate
    session: Session

    async def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asking = await who_asks(request, self.authenticate)
        if isinstance(asking, Failure):
            return problem(asking.error, request)
        self.session = asking.value
        return await super().respond(request, *args, **kwargs)

    def who(self) -> str:
        """Name the user: whatever session is used, and from wherever."""
        return str(self.session.user_id)
