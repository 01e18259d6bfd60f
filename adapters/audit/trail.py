"""The audit trail kept in PostgreSQL. Every event has a row; no event needs a mapping."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Never
from uuid import UUID

from django.db import connection, transaction

from adapters.audit.columns import COLUMNS, PLACES
from adapters.audit.mac import MacKeys
from adapters.audit.models import AuditEntryModel
from adapters.audit.repetitions import Repeated, enter_once, take_over
from adapters.persistence.database import Database, in_database
from domain.audit.entities import AuditEntry
from domain.audit.origin import Origin
from domain.shared.events import Actor, ActorKind, AuditResult, ResourceType
from domain.shared.ids import new_id
from domain.shared.result import Result, Success

INSERT = f"INSERT INTO public.audit_entry ({COLUMNS}) VALUES ({PLACES})"  # noqa: S608


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

    @in_database
    def tell_repetitions(self) -> Result[int, Never]:
        """Enter how often what was said was repeated, where the minute is over; tell how many."""
        total, more = 0, True
        while more:
            with transaction.atomic():
                over, more = take_over(self._keys())
                self._insert([_told(each) for each in over])
            total += len(over)
        return Success(total)

    @property
    def mac_keys(self) -> MacKeys:
        return self._keys()

    def write(self, entries: Sequence[AuditEntry]) -> None:
        """Write entries in the transaction that is open in this database thread.

        What is repeatable is counted where it was said within the minute.
        """
        self._insert([entry for entry in entries if not entry.is_repeatable])
        for entry in entries:
            if entry.is_repeatable:
                keys = self._keys()
                over = enter_once(entry, values_of(entry, keys), keys)
                self._insert([_told(each) for each in over])

    def _insert(self, entries: Sequence[AuditEntry]) -> None:
        if entries:
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


def _told(over: Repeated) -> AuditEntry:
    now = datetime.now(UTC)
    return over.first.repeated(over.count, over.minute, id=new_id(), at=now)


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
