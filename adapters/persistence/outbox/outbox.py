"""The outbox: events written with a change, leased to a relay, and marked when delivered."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Never
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Min, Q
from django.db.models.functions import Now
from pydantic import TypeAdapter

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.outbox.lanes import SLOW, Lane
from adapters.persistence.outbox.models import OutboxModel
from domain.audit.entities import Backlog
from domain.audit.origin import origin
from domain.shared.events import DomainEvent
from domain.shared.result import Result, Success

#: The channel that wakes relays.
CHANNEL = "outbox_event"

BATCH = 100
MOST_ATTEMPTS = 12
KEPT = timedelta(days=7)

_CLAIM = "SELECT * FROM outbox_claim(%s, %s, %s)"
_CLAIM_IN_TURN = "SELECT * FROM outbox_claim_in_turn(%s, %s)"
_RENEW = """
UPDATE outbox_event SET leased_until = clock_timestamp() + %s * interval '1 second'
WHERE id = %s AND leased_until = %s RETURNING leased_until
"""
_MARK_FAILED = """
UPDATE outbox_event SET leased_until = NULL, last_error = %s,
    available_at = clock_timestamp()
        + (0.5 + random() / 2) * least(300, 0.5 * 2 ^ attempts) * interval '1 second',
    dead_at = CASE WHEN attempts >= %s THEN clock_timestamp() END
WHERE id = %s AND leased_until = %s RETURNING dead_at IS NOT NULL
"""

_adapters: dict[str, TypeAdapter[Any]] = {}


class DjangoOutbox(UsesDatabase):
    """`Outbox` on PostgreSQL."""

    @in_database
    def resend(self, event_ids: Collection[UUID] | None) -> Result[Sequence[UUID], Never]:
        return Success(resend(event_ids))

    @in_database
    def backlog(self) -> Result[Backlog, Never]:
        return Success(backlog())


def insert(events: Sequence[DomainEvent]) -> None:
    """Write events to the outbox, in the transaction that is open in this database thread."""
    rows = [_row(event) for event in events]
    # Each row takes its aggregate's lock: in one order, so that two commits cannot deadlock.
    OutboxModel.objects.bulk_create(sorted(rows, key=lambda row: row.aggregate_id))


def notify() -> None:
    """Wake the relays. Call it after the commit: NOTIFY within it would serialise all commits."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")


def claim(lane: Lane, lease: timedelta) -> list[OutboxModel]:
    """Lease the oldest events of a lane that are due, those of each aggregate in order.

    Of imports it is one, of the user whose turn it is and who has none borrowed.
    """
    if lane is Lane.IMPORTS:
        rows = OutboxModel.objects.raw(_CLAIM_IN_TURN, [lease, list(SLOW)])
    else:
        rows = OutboxModel.objects.raw(_CLAIM, [BATCH, lease, list(SLOW)])
    return sorted(rows, key=lambda row: row.position)


def renew(row: OutboxModel, lease: timedelta) -> None:
    """Extend a lease, unless another relay has it by now."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [lease.total_seconds(), row.id, row.leased_until])
        renewed = cursor.fetchone()
    if renewed:
        (row.leased_until,) = renewed


def mark_delivered(row: OutboxModel) -> None:
    """Mark an event as delivered, unless another relay has the lease by now."""
    rows = OutboxModel.objects.filter(id=row.id, leased_until=row.leased_until)
    rows.update(delivered_at=Now(), leased_until=None)


def mark_failed(row: OutboxModel, error: str) -> bool:
    """Retry later, with a growing and random delay; return whether the event is dead now.

    Like `release`, for whoever still has the lease: another's is left alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK_FAILED, [error[:64], MOST_ATTEMPTS, row.id, row.leased_until])
        return bool(cursor.fetchone() == (True,))


def release(rows: Collection[OutboxModel]) -> None:
    """Release the leases of events that were not tried."""
    leases = {row.leased_until for row in rows}
    borrowed = OutboxModel.objects.filter(id__in=[row.id for row in rows], leased_until__in=leases)
    borrowed.update(leased_until=None, attempts=F("attempts") - 1)


def resend(event_ids: Collection[UUID] | None = None) -> list[UUID]:
    """Retry dead events: these, or all."""
    dead = OutboxModel.objects.filter(dead_at__isnull=False)
    if event_ids is not None:
        dead = dead.filter(id__in=event_ids)
    found = list(dead.order_by("position").select_for_update().values_list("id", flat=True))
    OutboxModel.objects.filter(id__in=found).update(
        dead_at=None, attempts=0, available_at=Now(), last_error=""
    )
    return found


def receive(consumer: str, event_id: UUID) -> None:
    """Record that a consumer has processed an event."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_inbox (consumer, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [consumer, event_id],
        )


def has_received(consumer: str, event_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM outbox_inbox WHERE consumer = %s AND event_id = %s", [consumer, event_id]
        )
        return bool(cursor.rowcount == 1)


def forget() -> int:
    """Delete events that were delivered long ago; return how many there were."""
    removed, _ = OutboxModel.objects.filter(delivered_at__lt=Now() - KEPT).delete()
    with connection.cursor() as cursor:
        # An undelivered event may come again, however late.
        cursor.execute(
            "DELETE FROM outbox_inbox WHERE received_at < now() - %s * interval '1 day'"
            " AND NOT EXISTS (SELECT FROM outbox_event WHERE id = event_id)",
            [KEPT.days],
        )
        cursor.execute(
            "DELETE FROM outbox_turn WHERE taken_at < now() - %s * interval '1 day'", [KEPT.days]
        )
    return removed


def backlog() -> Backlog:
    undelivered = OutboxModel.objects.filter(delivered_at__isnull=True)
    alive, slow = Q(dead_at__isnull=True), Q(type__in=SLOW)
    found = undelivered.aggregate(
        waiting=Count("id", filter=alive),
        dead=Count("id", filter=~alive),
        default=Now() - Min("created_at", filter=alive & ~slow),
        imports=Now() - Min("created_at", filter=alive & slow),
    )
    lags = {
        lane.value: max(found[lane].total_seconds(), 0.0) if found[lane] else 0.0 for lane in Lane
    }
    return Backlog(found["waiting"], found["dead"], lags)


def read(kind: type[DomainEvent], row: OutboxModel) -> DomainEvent:
    """Return the event of a row."""
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
