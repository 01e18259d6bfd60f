"""The audit trail in PostgreSQL: every entry is a row, and repeated entries are counted."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Never
from uuid import UUID

import structlog
from django.db import connection, transaction

from adapters.audit.mac import MacKeys
from adapters.audit.models import AuditEntryModel
from adapters.persistence.database import Database, in_database
from domain.audit.entities import WHY, AuditEntry
from domain.audit.origin import Origin
from domain.shared.events import Actor, ActorKind, AuditResult, ResourceType
from domain.shared.ids import new_id
from domain.shared.result import Result, Success

# The columns that the application may write; the database fills in the others.
COLUMNS = (
    "id, action, actor_kind, actor_id, resource_type, resource_id, result, occurred_at,"
    " trace_id, ip_address, user_agent, details, mac"
)
# The database adds the transaction's number to the keyed hash, without a key or a round trip.
_MAC = "sha256(%s || int8send(guard.transaction_number()))"
PLACES = ", ".join(["%s"] * COLUMNS.count(", ") + [_MAC])
INSERT = f"INSERT INTO public.audit_entry ({COLUMNS}) VALUES ({PLACES})"  # noqa: S608
logger = structlog.get_logger(__name__)

#: How long before and after its minute the first entry may have occurred.
EARLIEST, LATEST = timedelta(hours=1), timedelta(minutes=10)
#: How many counts one statement consumes.
BATCH = 1000

# The first entry of a minute is inserted, together with the row that counts its repetitions. A
# repetition waits until that transaction ends, which is soon, because this statement is the last
# before COMMIT. Minutes are those of the server's clock.
_COUNT = f"""
WITH counted AS (
    INSERT INTO audit_repetition AS known (key, minute, said, count)
    VALUES (%s, date_trunc('minute', clock_timestamp()), %s, 0)
    ON CONFLICT (key) DO UPDATE SET (minute, said, count) = (
        SELECT CASE WHEN goes_on THEN known.minute ELSE excluded.minute END,
            CASE WHEN goes_on THEN known.said ELSE excluded.said END,
            CASE WHEN goes_on THEN known.count + 1 ELSE 0 END
        FROM (
            SELECT known.minute BETWEEN excluded.minute AND excluded.minute + interval '1 minute'
        ) AS now (goes_on)
    )
    RETURNING new.count = 0 AS is_first, old.key, old.minute, old.said, old.count
), entered AS (
    INSERT INTO audit_entry ({COLUMNS}) SELECT {PLACES} FROM counted WHERE is_first
)
SELECT key, minute, said, count FROM counted WHERE is_first AND count > 0
"""  # noqa: S608
_CONSUME = """
DELETE FROM audit_repetition WHERE key IN (
    SELECT key FROM audit_repetition WHERE minute < date_trunc('minute', clock_timestamp())
    LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING key, minute, said, count
"""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The first of equal entries, and how many more there were in its minute."""

    first: AuditEntry
    minute: datetime
    count: int


class DjangoAuditTrail:
    """`AuditTrail` on PostgreSQL; each row has a keyed hash (RFC 2104) of its content.

    The keys are loaded when an entry is written: reading needs none.
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
    def record_repetitions(self) -> Result[int, Never]:
        """Write an entry for each repetition whose minute is over; return how many."""
        total, more = 0, True
        while more:
            with transaction.atomic():
                over, more = consume_expired(self._keys())
                self._insert([_repetition_entry(each) for each in over])
            total += len(over)
        return Success(total)

    @property
    def mac_keys(self) -> MacKeys:
        return self._keys()

    def write(self, entries: Sequence[AuditEntry]) -> None:
        """Write entries in the open transaction of this database thread.

        A repeatable entry is counted instead if an equal one was written within the minute.
        """
        self._insert([entry for entry in entries if not entry.is_repeatable])
        for entry in entries:
            if entry.is_repeatable:
                keys = self._keys()
                over = insert_or_count(entry, values_of(entry, keys), keys)
                self._insert([_repetition_entry(each) for each in over])

    def _insert(self, entries: Sequence[AuditEntry]) -> None:
        if entries:
            with connection.cursor() as cursor:
                cursor.executemany(INSERT, [values_of(entry, self._keys()) for entry in entries])


def values_of(entry: AuditEntry, keys: MacKeys) -> tuple[Any, ...]:
    """Return the values that `INSERT` needs, with the keyed hash."""
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


def _repetition_entry(over: Repeated) -> AuditEntry:
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


def insert_or_count(entry: AuditEntry, values: Sequence[Any], keys: MacKeys) -> list[Repeated]:
    """Insert the first entry of its minute, else count it; return what an earlier minute had."""
    key = keys.repetition_key(entry.repetition_group)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, keys.encrypt(key, serialized(entry)), *values])
        return _repeated(cursor.fetchall(), keys)


def consume_expired(keys: MacKeys) -> tuple[list[Repeated], bool]:
    """Delete counts whose minute is over; return them, and whether there are more.

    The entries about them have to be written in the same transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONSUME, [BATCH])
        rows = cursor.fetchall()
    return _repeated(rows, keys), len(rows) == BATCH


def _repeated(rows: Sequence[tuple[Any, ...]], keys: MacKeys) -> list[Repeated]:
    """Return the counts, except those that the application did not write."""
    counted = [row for row in rows if row[-1]]
    repeated = list(_decrypted(counted, keys))
    if len(repeated) < len(counted):
        logger.error("audit.repetitions_dropped", count=len(counted) - len(repeated))
    return repeated


def _decrypted(rows: Sequence[tuple[Any, ...]], keys: MacKeys) -> Iterator[Repeated]:
    for key, minute, encrypted, count in rows:
        text = keys.decrypt(bytes(key), bytes(encrypted))
        if text is None:
            continue
        first = deserialized(text)
        # A row that an attacker puts back later must not be counted again.
        if minute - EARLIEST <= first.occurred_at <= minute + LATEST:
            yield Repeated(first, minute, count)


def serialized(entry: AuditEntry) -> str:
    """Return what a later entry about repetitions needs of this one."""
    came_from, details = entry.origin, entry.details
    fields = {
        "id": str(entry.id),
        "action": entry.action,
        "actor": [entry.actor.kind, entry.actor.id and str(entry.actor.id)],
        "resource": [entry.resource, entry.resource_id and str(entry.resource_id)],
        "result": entry.result,
        "at": entry.occurred_at.isoformat(),
        "origin": [came_from.trace_id, came_from.ip_address, came_from.user_agent],
        "details": {name: details[name] for name in WHY if name in details},
    }
    return json.dumps(fields)


def deserialized(text: str) -> AuditEntry:
    """Return the entry, with those of its details that equal entries share."""
    fields = json.loads(text)
    kind, actor_id = fields["actor"]
    resource, resource_id = fields["resource"]
    return AuditEntry(
        id=UUID(fields["id"]),
        action=fields["action"],
        actor=Actor(ActorKind(kind), actor_id and UUID(actor_id)),
        resource=ResourceType(resource),
        resource_id=resource_id and UUID(resource_id),
        result=AuditResult(fields["result"]),
        occurred_at=datetime.fromisoformat(fields["at"]),
        origin=Origin(*fields["origin"]),
        details=fields["details"],
    )
