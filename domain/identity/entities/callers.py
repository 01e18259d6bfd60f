"""Callers of the API."""

from collections.abc import Set
from dataclasses import dataclass

from domain.identity.entities.api_tokens import ApiToken
from domain.identity.entities.sessions import Session
from domain.identity.values import Scope
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class Caller:
    """A user in one of their sessions, or a program with one of their API tokens."""

    credential: Session | ApiToken

    @property
    def user_id(self) -> UserId:
        return self.credential.user_id

    def has_scopes(self, scopes: Set[Scope]) -> bool:
        """Return whether the caller has all of these scopes; a session has every scope."""
        return isinstance(self.credential, Session) or scopes <= self.credential.scopes
