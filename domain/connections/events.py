"""Events of connections."""

from dataclasses import dataclass

from domain.connections.values import ProviderSlug
from domain.shared.events import DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class ProviderConnected(DomainEvent):
    """A user connected an institution."""

    name = "provider.connected"
    resource = ResourceType.CONNECTION

    provider: ProviderSlug
