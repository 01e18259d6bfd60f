"""Histories of the database: each but the first has an entry that names what was lost before."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection as django_connection
from django.db import transaction

from adapters.audit.checkpoints import Connection
from adapters.audit.claims import Claim, read_claims
from adapters.audit.findings import Kind, Report
from adapters.audit.mac import MacKeys
from adapters.audit.trail import INSERT, DjangoAuditTrail, values_of
from adapters.audit.witness import Fork, WitnessRecord, forks_of
from adapters.persistence.plain import connect
from domain.audit.actions import HISTORY_BEGUN, TRAIL_ADOPTED
from domain.audit.entities import AuditEntry
from domain.audit.origin import origin

_HISTORIES = """
SELECT number, id, reason, begun_at, extract(year FROM begun_at AT TIME ZONE 'UTC') IN (
    SELECT year FROM guard.audit_year WHERE retired_at IS NOT NULL
) FROM guard.history ORDER BY number
"""
_BEGUN = ["history.begun"]
_SIGNATURES = "SELECT number, signature FROM public.audit_checkpoint"
_UNRECORDED = """
SELECT id, reason, before FROM (
    SELECT *, lag(id) OVER (ORDER BY number) AS before FROM guard.history
) AS history WHERE before IS NOT NULL AND NOT EXISTS (
    SELECT FROM public.audit_entry WHERE action = 'history.begun' AND resource_id = history.id
) ORDER BY number
"""


class History(NamedTuple):
    """A row of `guard.history`; its entry is gone if its year is retired."""

    number: int
    id: UUID
    reason: str
    begun_at: datetime
    is_retired: bool


class Begun(NamedTuple):
    """A history without an entry, and the one before it."""

    id: UUID
    reason: str
    before: UUID


def begin_history(
    reason: str, trail: DjangoAuditTrail, witnessed: Sequence[WitnessRecord], *, at: datetime
) -> list[Fork]:
    """Begin a history and record it; return the checkpoints that only the witness has."""
    with transaction.atomic():
        with django_connection.cursor() as cursor:
            cursor.execute("SELECT guard.begin_history(%s)", [reason])
        return record_histories(trail, witnessed, at=at)


def record_histories(
    trail: DjangoAuditTrail, witnessed: Sequence[WitnessRecord], *, at: datetime
) -> list[Fork]:
    """Write an entry for each history that has none; the last one names the lost checkpoints.

    Read the witness before: a checkpoint that is made meanwhile is not lost.
    """
    forks = forks_of(_lost(witnessed, trail.mac_keys))
    # Without a savepoint, because an entry carries the number of its transaction.
    with transaction.atomic(savepoint=False), django_connection.cursor() as cursor:
        cursor.execute(_UNRECORDED)
        found = [Begun(*row) for row in cursor.fetchall()]
        for begun in found:
            trail.write([_entry(begun, forks if begun is found[-1] else [], at)])
    return forks


def verify_histories(connection: Connection, report: Report, keys: MacKeys | None) -> list[Fork]:
    """Compare histories with their entries; return the forks that sealed entries name."""
    histories = [History(*row) for row in connection.execute(_HISTORIES)]
    if [history.number for history in histories] != list(range(1, len(histories) + 1)):
        report.find(Kind.HISTORY, "histories are missing")
    claims = list(_proved(connection, report, keys))
    entries: dict[UUID | None, Claim] = {}
    for entry in claims:
        if entry.resource_id in entries:
            report.find(Kind.HISTORY, "its history already has an entry", row=entry.row)
        entries.setdefault(entry.resource_id, entry)
    for before, history in pairwise(histories):
        _verify(history, before, entries.pop(history.id, None), report)
    for entry in entries.values():
        report.find(Kind.HISTORY, "it names a history that is missing", row=entry.row)
    return [fork for entry in claims if entry.checkpoint for fork in _forks(entry.details)]


def _proved(connection: Connection, report: Report, keys: MacKeys | None) -> Iterator[Claim]:
    for entry in read_claims(connection, keys, _BEGUN):
        if doubt := entry.doubt or _doubt(entry.details):
            report.find(Kind.HISTORY, doubt, row=entry.row)
        else:
            yield entry


def _verify(history: History, before: History, entry: Claim | None, report: Report) -> None:
    if entry is None:
        if not history.is_retired:
            detail = f"no entry records history {history.number}"
            report.find(Kind.HISTORY, detail, row=str(history.id))
        return
    recorded = entry.details
    if (recorded.get("previous"), recorded.get("reason")) != (str(before.id), history.reason):
        detail = f"history {history.number} is not as it was recorded"
        report.find(Kind.HISTORY, detail, row=entry.row)
    lost = ", ".join(f"{each.first} to {each.last}" for each in _forks(recorded)) or "none"
    began = f"history {history.number} began on {history.begun_at:%Y-%m-%d %H:%M} UTC"
    report.notes.append(f"{began} ({history.reason}); lost checkpoints: {lost}")


def _doubt(details: Mapping[str, Any]) -> str | None:
    try:
        list(_forks(details))
    except (ValueError, TypeError, AttributeError):
        return "the entry of a history does not say what was lost"
    return None


def _forks(details: Mapping[str, Any]) -> Iterator[Fork]:
    yield from map(Fork.read, details.get("lost"))  # type: ignore[arg-type]  # checked by `_doubt`


def _lost(witnessed: Sequence[WitnessRecord], keys: MacKeys) -> list[WitnessRecord]:
    """Return the records of checkpoints that are missing here, and that no entry names yet."""
    with connect() as plain, plain.transaction():
        ours = {(number, bytes(signature)) for number, signature in plain.execute(_SIGNATURES)}
        lost = {each.hash: each for each in witnessed if (each.number, each.signature) not in ours}
        for entry in read_claims(plain, keys, _BEGUN):
            for fork in () if entry.doubt or _doubt(entry.details) else _forks(entry.details):
                fork.remove_from(lost)
    return list(lost.values())


def _entry(history: Begun, forks: list[Fork], at: datetime) -> AuditEntry:
    came_from = origin.get()
    begun = HISTORY_BEGUN.record(
        subject_id=history.id,
        actor=came_from.actor,
        occurred_at=at,
        previous=history.before,
        reason=history.reason,
        lost=tuple(fork.details() for fork in forks),
    )
    return AuditEntry.of(begun, came_from)


_STATE = """
SELECT xid_offset, restored_below, (SELECT id FROM guard.history ORDER BY number DESC LIMIT 1)
FROM guard.state
"""


def adopt(connection: Connection, keys: MacKeys, *, at: datetime) -> int:
    """Go on with a trail that was restored into another server; return the new offset.

    Transactions are numbered above all numbers in the trail. Without the entry that records this,
    a verification would report tampering.
    """
    with connection.transaction():
        connection.execute("SELECT guard.adopt_restored_trail()")
        row = connection.execute(_STATE.encode()).fetchone()
        assert row is not None
        came_from = origin.get()
        adopted = TRAIL_ADOPTED.record(
            subject_id=None,
            actor=came_from.actor,
            occurred_at=at,
            xid_offset=row[0],
            restored_below=row[1],
            history=row[2],
        )
        entry = AuditEntry.of(adopted, came_from)
        connection.execute(INSERT.encode(), values_of(entry, keys))
    return int(row[0])
