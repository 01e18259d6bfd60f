"""Who is asking."""

from collections.abc import Set
from dataclasses import dataclass

from domain.identity.entities.api_tokens import ApiToken
from domain.identity.entities.sessions import Session
from domain.identity.values import Scope
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class Caller:
    """A user by one of their sessions, or a program by a token that they gave it."""

    by: Session | ApiToken

    @property
    def user_id(self) -> UserId:
        return self.by.user_id

    def may(self, scopes: Set[Scope]) -> bool:
        """Whether all of this is theirs to do: in a session it is."""
        return isinstance(self.by, Session) or scopes <= self.by.scopes
