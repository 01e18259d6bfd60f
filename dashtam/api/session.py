"""Views for those who are known: people in a session, and programs that they gave a token."""

from collections.abc import Mapping, Set
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase

from dashtam.api.authentication import who_asks
from dashtam.api.http import ApiView
from dashtam.api.problems import problem
from dashtam.application.identity.authenticate import Authenticate
from domain.identity.entities import Caller, Session
from domain.identity.errors import ProofRequired, ScopeMissing, SessionRequired
from domain.identity.values import Scope
from domain.shared.errors import DomainError
from domain.shared.result import Failure


class CallerView(ApiView):
    """A view that shows and changes what is the caller's own.

    `scopes` says for each method which an API token needs. A session may do all of it.
    """

    authenticate: Authenticate
    scopes: ClassVar[Mapping[str, Set[Scope]]] = {}
    caller: Caller

    async def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asking = await who_asks(request, self.authenticate)
        if isinstance(asking, Failure):
            return problem(asking.error, request)
        self.caller = asking.value
        return await super().respond(request, *args, **kwargs)

    def who(self) -> str:
        """Name the user: whatever session or token is used, and from wherever."""
        return str(self.caller.user_id)

    def refusal(self, method: str) -> DomainError | None:
        """Return why the caller may not do this, if so; what a method does not know, it refuses."""
        verb = "get" if method == "HEAD" else method.lower()
        needed = self.scopes.get(verb)
        if needed is None or self.caller.may(needed):
            return None
        return ScopeMissing(f"The API token needs {', '.join(sorted(needed))} for this.")


class SessionView(CallerView):
    """A view for people who logged in alone.

    `proved` names the methods that want a proof of a few minutes ago (RFC 9470): a log-in is one.
    """

    session: Session
    proved: ClassVar[Set[str]] = frozenset()

    def refusal(self, method: str) -> DomainError | None:
        if not isinstance(self.caller.by, Session):
            return SessionRequired("This needs a session: log in. API tokens are not taken here.")
        self.session = self.caller.by
        now = self.authenticate.clock.now()
        if method.lower() not in self.proved or self.session.is_proved(now):
            return None
        return ProofRequired("Prove once more who you are, then ask again: PUT sessions/current.")
