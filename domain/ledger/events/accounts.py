"""Facts about accounts."""

from dataclasses import dataclass

from domain.shared.events import DomainEvent, ResourceType
from domain.shared.ids import ConnectionId


@dataclass(frozen=True, kw_only=True)
class AccountAdded(DomainEvent):
    """An account appeared in a person's ledger."""

    name = "account.added"
    resource = ResourceType.ACCOUNT

    connection_id: ConnectionId
