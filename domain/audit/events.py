"""Facts about the trail and about the delivery of facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.shared.events import DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class EventsResent(DomainEvent):
    """Facts that were given up are tried again."""

    name = "events.resent"
    resource = ResourceType.EVENT
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class AuditYearRetired(DomainEvent):
    """A year left the trail: the export with this SHA-256 holds its entries from now on."""

    name = "audit.retired"
    resource = ResourceType.AUDIT_TRAIL
    announced = False

    year: int
    entries: int
    export_sha256: str
    #: How transactions are numbered (`AuditTrailAdopted`), which a retired entry cannot tell.
    xid_offset: int
    restored_below: int


@dataclass(frozen=True, kw_only=True)
class AuditTrailAdopted(DomainEvent):
    """A restored trail goes on in this server.

    Its transactions are numbered by `xid_offset`; rows of those below `restored_below` are the
    restore's. It holds for a database that has this `history`, and for no other copy.
    """

    name = "audit.adopted"
    resource = ResourceType.AUDIT_TRAIL
    announced = False

    xid_offset: int
    restored_below: int
    history: UUID


@dataclass(frozen=True, kw_only=True)
class HistoryBegun(DomainEvent):
    """Something that was committed may be lost: what was told of the ledger before is void.

    `lost` are the checkpoints that the witness has and this database has not: of each chain the
    numbers of the first and the last, and the hash of the last, which names all before it.
    """

    name = "history.begun"
    resource = ResourceType.AUDIT_TRAIL
    announced = False

    previous: UUID
    reason: str
    lost: tuple[Mapping[str, str | int], ...]
