"""Facts about the trail and about the delivery of facts."""

from dataclasses import dataclass

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
    restore's.
    """

    name = "audit.adopted"
    resource = ResourceType.AUDIT_TRAIL
    announced = False

    xid_offset: int
    restored_below: int
