"""Facts about second factors and API tokens."""

from dataclasses import dataclass

from domain.identity.values import Scope
from domain.shared.events import DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class SecondFactorEnrolled(DomainEvent):
    """A user was given the secret of a second factor, which no code has confirmed yet."""

    name = "second_factor.enrolled"
    resource = ResourceType.SECOND_FACTOR
    announced = False


@dataclass(frozen=True, kw_only=True)
class SecondFactorConfirmed(DomainEvent):
    """A user's log-in asks for a second factor from now on."""

    name = "second_factor.confirmed"
    resource = ResourceType.SECOND_FACTOR


@dataclass(frozen=True, kw_only=True)
class SecondFactorRemoved(DomainEvent):
    """A user's log-in asks for no second factor any more."""

    name = "second_factor.removed"
    resource = ResourceType.SECOND_FACTOR


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesIssued(DomainEvent):
    """A user got recovery codes; those before are worth nothing."""

    name = "recovery_codes.issued"
    resource = ResourceType.USER
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(DomainEvent):
    """A recovery code stood for the second factor."""

    name = "recovery_code.used"
    resource = ResourceType.USER

    left: int


@dataclass(frozen=True, kw_only=True)
class ApiTokenIssued(DomainEvent):
    """A user made a token for a program."""

    name = "api_token.issued"
    resource = ResourceType.API_TOKEN

    scopes: tuple[Scope, ...]


@dataclass(frozen=True, kw_only=True)
class ApiTokensRevoked(DomainEvent):
    """All programs of a user lost their tokens."""

    name = "api_tokens.revoked"
    resource = ResourceType.USER
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class ApiTokenRevoked(DomainEvent):
    """A user's program lost its token."""

    name = "api_token.revoked"
    resource = ResourceType.API_TOKEN
