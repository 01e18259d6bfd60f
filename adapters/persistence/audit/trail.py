"""The audit trail kept in PostgreSQL. Every event has a row; no event needs a mapping."""

from collections.abc import Sequence
from datetime import datetime
from typing import Never

from adapters.persistence.audit.models import AuditEntryModel
from adapters.persistence.database import Database, in_database
from domain.audit.entities import AuditEntry
from domain.audit.origin import Origin
from domain.shared.events import Actor, ActorKind, AuditResult, ResourceType
from domain.shared.result import Result, Success


class DjangoAuditTrail:
    """`AuditTrail` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def append(self, *entries: AuditEntry) -> Result[None, Never]:
        insert(entries)
        return Success(None)

    @in_database
    def since(self, moment: datetime, *, limit: int) -> Result[Sequence[AuditEntry], Never]:
        rows = AuditEntryModel.objects.filter(occurred_at__gte=moment).order_by("id")
        return Success([_entity(row) for row in rows[:limit]])


def insert(entries: Sequence[AuditEntry]) -> None:
    """Write entries in the transaction that is open in this database thread."""
    AuditEntryModel.objects.bulk_create([_row(entry) for entry in entries])


def _row(entry: AuditEntry) -> AuditEntryModel:
    return AuditEntryModel(
        id=entry.id,
        action=entry.action,
        actor_kind=entry.actor.kind,
        actor_id=entry.actor.id,
        resource_type=entry.resource,
        resource_id=entry.resource_id,
        result=entry.result,
        occurred_at=entry.occurred_at,
        trace_id=entry.origin.trace_id,
        ip_address=entry.origin.ip_address,
        user_agent=entry.origin.user_agent,
        details=entry.details,
    )


def _entity(row: AuditEntryModel) -> AuditEntry:
    actor = Actor(ActorKind(row.actor_kind), row.actor_id)
    return AuditEntry(
        id=row.id,
        action=row.action,
        actor=actor,
        resource=ResourceType(row.resource_type),
        resource_id=row.resource_id,
        result=AuditResult(row.result),
        occurred_at=row.occurred_at,
        origin=Origin(row.trace_id, row.ip_address, row.user_agent, actor),
        details=row.details,
    )
