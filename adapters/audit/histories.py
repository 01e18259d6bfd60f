"""The histories of this database: each but the first is told by an entry, which names the fork."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection as django_connection
from django.db import transaction

from adapters.audit.checkpoints import Connection
from adapters.audit.findings import Kind, Report
from adapters.audit.forks import Fork, forks_among
from adapters.audit.mac import MacKeys
from adapters.audit.proved import Told, told_by
from adapters.audit.trail import DjangoAuditTrail
from adapters.audit.witness import Testimony
from adapters.persistence.plain import connect
from domain.audit.entities import AuditEntry
from domain.audit.events import HistoryBegun
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
    """A row of the guard's; of a retired year the entry is no longer there."""

    number: int
    id: UUID
    reason: str
    begun_at: datetime
    is_retired: bool


class Begun(NamedTuple):
    """A history, and the one before it."""

    id: UUID
    reason: str
    before: UUID


def begin_history(
    reason: str, trail: DjangoAuditTrail, told: Sequence[Testimony], *, at: datetime
) -> list[Fork]:
    """Begin a history and record it; return what the witness was told of and is lost."""
    with transaction.atomic():
        with django_connection.cursor() as cursor:
            cursor.execute("SELECT guard.begin_history(%s)", [reason])
        return record_histories(trail, told, at=at)


def record_histories(
    trail: DjangoAuditTrail, told: Sequence[Testimony], *, at: datetime
) -> list[Fork]:
    """Leave an entry of each history that has none, the last of which names what is lost.

    What the witness was told has to be read before: what is sealed meanwhile is not lost.
    """
    forks = forks_among(_lost(told, trail.mac_keys))
    # No savepoint: entries carry the number of their transaction.
    with transaction.atomic(savepoint=False), django_connection.cursor() as cursor:
        cursor.execute(_UNRECORDED)
        found = [Begun(*row) for row in cursor.fetchall()]
        for begun in found:
            trail.write([_entry(begun, forks if begun is found[-1] else [], at)])
    return forks


def judge_histories(connection: Connection, report: Report, keys: MacKeys | None) -> list[Fork]:
    """Hold histories against their entries; return the forks that sealed ones name."""
    histories = [History(*row) for row in connection.execute(_HISTORIES)]
    if [history.number for history in histories] != list(range(1, len(histories) + 1)):
        report.find(Kind.HISTORY, "histories are missing")
    told = list(_proved(connection, report, keys))
    entries: dict[UUID | None, Told] = {}
    for entry in told:
        if entry.resource_id in entries:
            report.find(Kind.HISTORY, "its history has an entry already", row=entry.row)
        entries.setdefault(entry.resource_id, entry)
    for before, history in pairwise(histories):
        _judge(history, before, entries.pop(history.id, None), report)
    for entry in entries.values():
        report.find(Kind.HISTORY, "it tells of a history that is not there", row=entry.row)
    return [fork for entry in told if entry.checkpoint for fork in _forks(entry.details)]


def _proved(connection: Connection, report: Report, keys: MacKeys | None) -> Iterator[Told]:
    for entry in told_by(connection, keys, _BEGUN):
        if doubt := entry.doubt or _doubt(entry.details):
            report.find(Kind.HISTORY, doubt, row=entry.row)
        else:
            yield entry


def _judge(history: History, before: History, entry: Told | None, report: Report) -> None:
    if entry is None:
        if not history.is_retired:
            detail = f"no entry tells of history {history.number}"
            report.find(Kind.HISTORY, detail, row=str(history.id))
        return
    told = entry.details
    if (told.get("previous"), told.get("reason")) != (str(before.id), history.reason):
        detail = f"history {history.number} is not as it was recorded"
        report.find(Kind.HISTORY, detail, row=entry.row)
    lost = ", ".join(f"{each.first} to {each.last}" for each in _forks(told)) or "none"
    began = f"history {history.number} began on {history.begun_at:%Y-%m-%d %H:%M} UTC"
    report.notes.append(f"{began} ({history.reason}); lost checkpoints: {lost}")


def _doubt(details: Mapping[str, Any]) -> str | None:
    try:
        list(_forks(details))
    except (ValueError, TypeError, AttributeError):
        return "the entry of a history does not say what was lost"
    return None


def _forks(details: Mapping[str, Any]) -> Iterator[Fork]:
    yield from map(Fork.read, details.get("lost"))  # type: ignore[arg-type]  # judged by `_doubt`


def _lost(seen: Sequence[Testimony], keys: MacKeys) -> list[Testimony]:
    """Return the testimonies of checkpoints that are not here, and that no entry names yet."""
    with connect() as plain, plain.transaction():
        ours = {(number, bytes(signature)) for number, signature in plain.execute(_SIGNATURES)}
        lost = {each.hash: each for each in seen if (each.number, each.signature) not in ours}
        for entry in told_by(plain, keys, _BEGUN):
            for fork in () if entry.doubt or _doubt(entry.details) else _forks(entry.details):
                fork.take_from(lost)
    return list(lost.values())


def _entry(history: Begun, forks: list[Fork], at: datetime) -> AuditEntry:
    came_from = origin.get()
    begun = HistoryBegun(
        subject_id=history.id,
        actor=came_from.actor,
        occurred_at=at,
        previous=history.before,
        reason=history.reason,
        lost=tuple(fork.record() for fork in forks),
    )
    return AuditEntry.of(begun, came_from)
