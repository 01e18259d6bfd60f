"""Facts about transactions and transfers between accounts."""

from dataclasses import dataclass

from domain.shared.events import DomainEvent, ResourceType
from domain.shared.ids import TransactionId


@dataclass(frozen=True, kw_only=True)
class TransactionEdited(DomainEvent):
    """A person changed what is theirs of a transaction: the names of the fields."""

    name = "transaction.edited"
    resource = ResourceType.TRANSACTION

    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TransactionDeleted(DomainEvent):
    """A person took a transaction out of their ledger, for good."""

    name = "transaction.deleted"
    resource = ResourceType.TRANSACTION


@dataclass(frozen=True, kw_only=True)
class TransferDecided(DomainEvent):
    """A person said of two transactions that they are one movement, or that they are not."""

    name = "transfer.decided"
    resource = ResourceType.TRANSFER

    decision: str
    outgoing_id: TransactionId
    incoming_id: TransactionId


@dataclass(frozen=True, kw_only=True)
class TransferWithdrawn(DomainEvent):
    """What was decided holds no longer: it was taken back, or another decision took its place."""

    name = "transfer.withdrawn"
    resource = ResourceType.TRANSFER
