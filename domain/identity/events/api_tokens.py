"""Facts about tokens for programs."""

from dataclasses import dataclass

from domain.identity.values import Scope
from domain.shared.events import DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class ApiTokenIssued(DomainEvent):
    """A user made a token for a program."""

    name = "api_token.issued"
    resource = ResourceType.API_TOKEN

    scopes: tuple[Scope, ...]


@dataclass(frozen=True, kw_only=True)
class ApiTokenRevoked(DomainEvent):
    """A user's program lost its token."""

    name = "api_token.revoked"
    resource = ResourceType.API_TOKEN


@dataclass(frozen=True, kw_only=True)
class ApiTokensViewed(DomainEvent):
    """A user read which programs have tokens."""

    name = "api_tokens.viewed"
    resource = ResourceType.API_TOKEN
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class ApiTokensRevoked(DomainEvent):
    """All programs of a user lost their tokens."""

    name = "api_tokens.revoked"
    resource = ResourceType.USER
    announced = False

    count: int
