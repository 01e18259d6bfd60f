"""Views for those who are known: people in a session, and programs that they gave a token."""

from collections.abc import Mapping, Set
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase

from dashtam.api.authentication import who_asks
from dashtam.api.http import ApiView, verb_of
from dashtam.api.problems import problem
from dashtam.application.identity.authenticate_request import AuthenticateRequest
from domain.identity.entities import Caller, Session
from domain.identity.errors import RecentAuthenticationRequired, ScopeMissing, SessionRequired
from domain.identity.values import Scope
from domain.shared.errors import DomainError
from domain.shared.result import Failure

NO_TOKENS = SessionRequired("This needs a session: log in. API tokens are not taken here.")
NOT_RECENT = RecentAuthenticationRequired(
    "Confirm your password with PUT sessions/current, then try again."
)


class CallerView(ApiView):
    """A view that shows and changes what is the caller's own.

    `scopes` says for each method which an API token needs; one that is not there takes no token.
    A session may do all of it. Methods that are `anybody`'s ask nobody who they are.
    """

    per_request = frozenset({"caller"})
    authenticate: AuthenticateRequest
    anybody: ClassVar[Set[str]] = frozenset()
    scopes: ClassVar[Mapping[str, Set[Scope]]] = {}
    caller: Caller

    async def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if verb_of(request) not in self.anybody:
            asking = await who_asks(request, self.authenticate)
            if isinstance(asking, Failure):
                return problem(asking.error, request)
            self.caller = asking.value
        return await super().respond(request, *args, **kwargs)

    def who(self) -> str:
        """Name the user: whatever session or token is used, and from wherever."""
        return str(self.caller.user_id) if self.caller else super().who()

    async def tell(self, refusal: DomainError) -> None:
        await self.authenticate.tell_of(refusal)

    def refusal(self, verb: str) -> DomainError | None:
        """Return why the caller may not do this, if so; closed to programs unless it is opened."""
        needed = self.scopes.get(verb)
        if verb in self.anybody or isinstance(self.caller.by, Session) or not self._serves(verb):
            return None
        if not needed:
            return NO_TOKENS
        if self.caller.may(needed):
            return None
        return ScopeMissing(f"The API token needs {', '.join(sorted(needed))} for this.")

    def _serves(self, verb: str) -> bool:
        """Tell whether this does anything: to name the methods does not."""
        return verb != "options" and verb in self.http_method_names and hasattr(self, verb)


class SessionView(CallerView):
    """A view for people who logged in alone.

    The `sensitive` methods require that the user logged in or confirmed the password within the
    last 10 minutes (RFC 9470).
    """

    per_request = frozenset({"caller", "session"})
    session: Session
    sensitive: ClassVar[Set[str]] = frozenset()

    def refusal(self, verb: str) -> DomainError | None:
        if verb in self.anybody:
            return None
        if not isinstance(self.caller.by, Session):
            return NO_TOKENS
        self.session = self.caller.by
        now = self.authenticate.clock.now()
        if verb not in self.sensitive or self.session.is_recently_authenticated(now):
            return None
        return NOT_RECENT
