"""The audit trail kept in PostgreSQL. Every event has a row; no event needs a mapping."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Never
from uuid import UUID

from django.db import connection

from adapters.persistence.audit.mac import MacKeys
from adapters.persistence.audit.models import AuditEntryModel
from adapters.persistence.database import Database, in_database
from domain.audit.entities import AuditEntry
from domain.audit.origin import Origin
from domain.shared.events import Actor, ActorKind, AuditResult, ResourceType
from domain.shared.result import Result, Success

# The columns that the application has a right to write: the rest is the database's.
INSERT = """
INSERT INTO public.audit_entry (
    id, action, actor_kind, actor_id, resource_type, resource_id, result, occurred_at,
    trace_id, ip_address, user_agent, details, mac
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


class DjangoAuditTrail:
    """`AuditTrail` on PostgreSQL, each row with a keyed hash (RFC 2104) of what it says.

    The keys are asked for when something is written: who only reads needs none.
    """

    def __init__(self, database: Database, keys: Callable[[], MacKeys]) -> None:
        self._database = database
        self._keys = keys

    @in_database
    def append(self, *entries: AuditEntry) -> Result[None, Never]:
        self.write(entries)
        return Success(None)

    @in_database
    def since(self, moment: datetime, *, limit: int) -> Result[Sequence[AuditEntry], Never]:
        rows = AuditEntryModel.objects.filter(occurred_at__gte=moment).order_by("id")
        return Success([_entity(row) for row in rows[:limit]])

    def write(self, entries: Sequence[AuditEntry]) -> None:
        """Write entries in the transaction that is open in this database thread."""
        with connection.cursor() as cursor:
            cursor.executemany(INSERT, [values_of(entry, self._keys()) for entry in entries])


def values_of(entry: AuditEntry, keys: MacKeys) -> tuple[Any, ...]:
    """Return what `INSERT` takes of an entry, with its keyed hash."""
    return (
        entry.id,
        entry.action,
        entry.actor.kind.value,
        entry.actor.id,
        entry.resource.value,
        entry.resource_id,
        entry.result.value,
        entry.occurred_at,
        entry.origin.trace_id,
        entry.origin.ip_address,
        entry.origin.user_agent,
        json.dumps(dict(entry.details)),
        keys.mac(entry),
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
        origin=Origin(row.trace_id, row.ip_address, row.user_agent, actor, _program(row.details)),
        details=row.details,
    )


def _program(details: Mapping[str, Any]) -> UUID | None:
    return UUID(details["api_token_id"]) if "api_token_id" in details else None
