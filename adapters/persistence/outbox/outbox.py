"""Facts on their way: written with the change, marked when everyone who reacts has done so."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Now
from pydantic import TypeAdapter

from adapters.persistence.outbox.models import OutboxModel
from domain.audit.origin import origin
from domain.shared.events import DomainEvent

_adapters: dict[str, TypeAdapter[Any]] = {}


def insert(events: Sequence[DomainEvent]) -> None:
    """Write what is to be announced, in the transaction that is open in this database thread."""
    announced = [event for event in events if event.announced]
    OutboxModel.objects.bulk_create([_row(event) for event in announced])


def undelivered(limit: int) -> list[UUID]:
    """Return the oldest facts that are still on their way."""
    rows = OutboxModel.objects.filter(delivered_at__isnull=True).order_by("id")
    return list(rows.values_list("id", flat=True)[:limit])


def claim(event_id: UUID) -> OutboxModel | None:
    """Lock a fact that is still on its way, unless someone else is delivering it."""
    rows = OutboxModel.objects.filter(id=event_id, delivered_at__isnull=True)
    return rows.select_for_update(skip_locked=True).first()


def mark_delivered(event_id: UUID) -> None:
    OutboxModel.objects.filter(id=event_id).update(delivered_at=Now(), attempts=F("attempts") + 1)


def count_attempt(event_id: UUID) -> None:
    OutboxModel.objects.filter(id=event_id).update(attempts=F("attempts") + 1)


def read(kind: type[DomainEvent], row: OutboxModel) -> DomainEvent:
    """Return the fact that a row carries."""
    event: DomainEvent = _adapter(kind).validate_python(row.payload)
    return event


def _row(event: DomainEvent) -> OutboxModel:
    return OutboxModel(
        id=event.event_id,
        aggregate_type=event.resource,
        aggregate_id=event.subject_id or event.event_id,
        type=event.name,
        payload=_adapter(type(event)).dump_python(event, mode="json"),
        trace_id=origin.get().trace_id,
    )


def _adapter(kind: type[DomainEvent]) -> TypeAdapter[Any]:
    if kind.name not in _adapters:
        _adapters[kind.name] = TypeAdapter(kind)
    return _adapters[kind.name]
