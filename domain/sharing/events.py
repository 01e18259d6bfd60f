"""Events of connected apps, to which something reacts."""

from dataclasses import dataclass

from domain.shared.events import DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class ConnectedAppClaimed(DomainEvent):
    """An app exchanged a setup token for access, which ended the access that it had before."""

    name = "connected_app.claimed"
    resource = ResourceType.CONNECTED_APP
