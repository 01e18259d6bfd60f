"""Views for callers who are authenticated: people in a session, and programs with a token."""

from collections.abc import Mapping, Set
from typing import ClassVar

from django.http import HttpRequest

from dashtam.api.authentication import authenticate_request
from dashtam.api.http import ApiView, verb_of
from dashtam.api.problems import unwrap
from dashtam.application.identity.authenticate_request import AuthenticateRequest
from domain.identity.entities import Caller, Session
from domain.identity.errors import (
    RecentAuthenticationRequired,
    ScopeMissing,
    SessionRequired,
)
from domain.identity.values import Scope
from domain.shared.errors import DomainError

NO_TOKENS = SessionRequired("Log in to do this. API tokens are not accepted here.")


class CallerView(ApiView):
    """A view that shows and changes what belongs to the caller.

    `scopes` lists the scopes that an API token needs for each method; a method that is not listed
    accepts no API token. A session may do everything. The methods in `anybody` need neither.
    """

    per_request = frozenset({"caller"})
    authenticate: AuthenticateRequest
    anybody: ClassVar[Set[str]] = frozenset()
    scopes: ClassVar[Mapping[str, Set[Scope]]] = {}
    caller: Caller

    async def admit(self, request: HttpRequest) -> None:
        """Find out who it is; all sessions and tokens of a user share a limit."""
        if verb_of(request) in self.anybody:
            await super().admit(request)
        else:
            self.caller = unwrap(await authenticate_request(request, self.authenticate))

    async def audit(self, refusal: DomainError) -> None:
        await self.authenticate.record_refusal(refusal)

    def refusal(self, verb: str) -> DomainError | None:
        """Return why the caller may not do this, if so; programs need a scope for each method."""
        needed = self.scopes.get(verb)
        if (
            verb in self.anybody
            or isinstance(self.caller.credential, Session)
            or not self._serves(verb)
        ):
            return None
        if not needed:
            return NO_TOKENS
        if self.caller.has_scopes(needed):
            return None
        return ScopeMissing(f"The API token needs these scopes: {', '.join(sorted(needed))}.")

    def _serves(self, verb: str) -> bool:
        """Return whether this method exists and does more than list the others."""
        return verb != "options" and verb in self.http_method_names and hasattr(self, verb)


class SessionView(CallerView):
    """A view for people who logged in, and not for API tokens.

    The methods in `needs_recent_authentication` require that the user logged in or confirmed the
    password within the last 10 minutes (RFC 9470).
    """

    per_request = frozenset({"caller", "session"})
    session: Session
    needs_recent_authentication: ClassVar[Set[str]] = frozenset()

    def refusal(self, verb: str) -> DomainError | None:
        if verb in self.anybody:
            return None
        if not isinstance(self.caller.credential, Session):
            return NO_TOKENS
        self.session = self.caller.credential
        if verb not in self.needs_recent_authentication:
            return None
        if self.session.is_recently_authenticated(self.authenticate.clock.now()):
            return None
        return RecentAuthenticationRequired(
            "Confirm your password first: PUT /api/v1/sessions/current. Then try again."
        )
