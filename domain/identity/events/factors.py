"""Facts about second factors."""

from dataclasses import dataclass

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
class SecondFactorsViewed(DomainEvent):
    """A user's second factors were read, never their secrets."""

    name = "second_factors.viewed"
    resource = ResourceType.SECOND_FACTOR
    announced = False
    repeats = True

    count: int


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
