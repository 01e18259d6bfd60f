"""The histories of this database: each but the first is told by an entry, which names the fork."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection as django_connection
from django.db import transaction

from adapters.persistence.audit.checkpoints import Connection, Sealed
from adapters.persistence.audit.findings import Kind, Report
from adapters.persistence.audit.forks import Fork, forks_among
from adapters.persistence.audit.leaf import LEAF
from adapters.persistence.audit.mac import MacKeys
from adapters.persistence.audit.trail import DjangoAuditTrail
from adapters.persistence.audit.witness import Testimony
from domain.audit.entities import AuditEntry
from domain.audit.events import HistoryBegun
from domain.audit.origin import origin

_HISTORIES = """
SELECT number, id, reason, begun_at, extract(year FROM begun_at AT TIME ZONE 'UTC') IN (
    SELECT year FROM guard.audit_year WHERE retired_at IS NOT NULL
) FROM guard.history ORDER BY number
"""
_ENTRIES = f"""
SELECT {LEAF}, txid FROM public.audit_entry WHERE action = 'history.begun' ORDER BY txid
"""  # noqa: S608
_FORKS = "SELECT details->'lost' FROM public.audit_entry WHERE action = 'history.begun'"
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
    # No savepoint: entries carry the number of their transaction.
    with transaction.atomic(savepoint=False), django_connection.cursor() as cursor:
        forks = forks_among(_lost(cursor, told))
        cursor.execute(_UNRECORDED)
        found = [Begun(*row) for row in cursor.fetchall()]
        for begun in found:
            trail.write([_entry(begun, forks if begun is found[-1] else [], at)])
    return forks


def judge_histories(
    connection: Connection, report: Report, keys: MacKeys | None, last: Sealed | None
) -> list[Fork]:
    """Hold histories against their entries; return the forks that sealed ones name."""
    histories = [History(*row) for row in connection.execute(_HISTORIES)]
    entries: dict[str, dict[str, Any]] = {}
    forks: list[Fork] = []
    for entry, is_sealed in _proved(connection, keys, last):
        if entry["resource_id"] in entries:
            report.find(Kind.HISTORY, "its history has an entry already", row=entry["id"])
        entries.setdefault(entry["resource_id"], entry)
        lost = [Fork.read(each) for each in entry["details"]["lost"]]
        forks += lost if is_sealed else []
    if [history.number for history in histories] != list(range(1, len(histories) + 1)):
        report.find(Kind.HISTORY, "histories are missing")
    for before, history in pairwise(histories):
        _judge(history, before, entries.pop(str(history.id), None), report)
    for entry in entries.values():
        report.find(Kind.HISTORY, "it tells of a history that is not there", row=entry["id"])
    return forks


def _judge(history: History, before: History, entry: dict[str, Any] | None, report: Report) -> None:
    if entry is None:
        if not history.is_retired:
            detail = f"no entry tells of history {history.number}"
            report.find(Kind.HISTORY, detail, row=str(history.id))
        return
    told = entry["details"]
    if (told["previous"], told["reason"]) != (str(before.id), history.reason):
        detail = f"history {history.number} is not as it was recorded"
        report.find(Kind.HISTORY, detail, row=entry["id"])
    lost = ", ".join(f"{each['first']} to {each['last']}" for each in told["lost"]) or "none"
    began = f"history {history.number} began on {history.begun_at:%Y-%m-%d %H:%M} UTC"
    report.notes.append(f"{began} ({history.reason}); lost checkpoints: {lost}")


def _proved(
    connection: Connection, keys: MacKeys | None, last: Sealed | None
) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield the entries that the application wrote, and whether each is sealed."""
    end = last.checkpoint.end_xid if last else 0
    for data, txid in connection.cursor(binary=True).execute(_ENTRIES.encode()):
        entry = json.loads(data)
        if keys is None or keys.recognise(entry):
            yield entry, txid < end


def _lost(cursor: Any, told: Sequence[Testimony]) -> list[Testimony]:
    """Return the testimonies of checkpoints that are not here, and that no entry names yet."""
    cursor.execute(_SIGNATURES)
    ours = {(number, bytes(signature)) for number, signature in cursor.fetchall()}
    lost = {each.hash: each for each in told if (each.number, each.signature) not in ours}
    cursor.execute(_FORKS)
    for (recorded,) in cursor.fetchall():
        for fork in json.loads(recorded):
            Fork.read(fork).take_from(lost)
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
