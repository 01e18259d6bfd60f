"""Use cases about what else acts for a user: other sessions, and programs with API tokens."""

from functools import cached_property

from dashtam.application.identity.end_sessions import EndSessions
from dashtam.application.identity.issue_api_token import IssueApiToken
from dashtam.application.identity.list_api_tokens import ListApiTokens
from dashtam.application.identity.list_sessions import ListSessions
from dashtam.application.identity.revoke_api_token import RevokeApiToken
from dashtam.application.identity.show_session import ShowSession
from dashtam.container.identity import Identity


class Programs(Identity):
    """Giving tokens to programs, and keeping an eye on who is in."""

    @cached_property
    def issue_api_token(self) -> IssueApiToken:
        return IssueApiToken(
            users=self.users, api_tokens=self.api_tokens, tokens=self.tokens, **self.basics
        )

    @cached_property
    def list_api_tokens(self) -> ListApiTokens:
        return ListApiTokens(api_tokens=self.api_tokens, **self.basics)

    @cached_property
    def revoke_api_token(self) -> RevokeApiToken:
        return RevokeApiToken(api_tokens=self.api_tokens, **self.basics)

    @cached_property
    def list_sessions(self) -> ListSessions:
        return ListSessions(sessions=self.sessions, **self.basics)

    @cached_property
    def show_session(self) -> ShowSession:
        return ShowSession(sessions=self.sessions, **self.basics)

    @cached_property
    def end_sessions(self) -> EndSessions:
        return EndSessions(sessions=self.sessions, **self.basics)
