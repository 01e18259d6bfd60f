"""Events of connections."""

from dataclasses import dataclass

from domain.connections.values import Need, ProviderSlug
from domain.shared.events import DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class ProviderConnected(DomainEvent):
    """A user connected an institution."""

    name = "provider.connected"
    resource = ResourceType.CONNECTION

    provider: ProviderSlug


@dataclass(frozen=True, kw_only=True)
class ConnectionSynced(DomainEvent):
    """A provider answered for a connection. What it answered about accounts is counted."""

    name = "connection.synced"
    resource = ResourceType.CONNECTION

    accounts: int
    changed: int
    failing: int


@dataclass(frozen=True, kw_only=True)
class ConnectionStopped(DomainEvent):
    """A connection cannot go on before a person has done something."""

    name = "connection.stopped"
    resource = ResourceType.CONNECTION

    need: Need


@dataclass(frozen=True, kw_only=True)
class ConsentExpiryAnnounced(DomainEvent):
    """The consent to a connection ends within days."""

    name = "connection.expiry_announced"
    resource = ResourceType.CONNECTION

    days: int


@dataclass(frozen=True, kw_only=True)
class ConnectionRevoked(DomainEvent):
    """A user ended a connection; what it has brought stays in the ledger."""

    name = "connection.revoked"
    resource = ResourceType.CONNECTION


@dataclass(frozen=True, kw_only=True)
class AccountLinked(DomainEvent):
    """An account of a provider fills an account of the ledger from now on."""

    name = "account.linked"
    resource = ResourceType.ACCOUNT

    link_id: str
