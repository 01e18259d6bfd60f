"""Begin and record histories for operators; earlier cursors of /changes become void."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import connections

from adapters.audit.histories import begin_history, record_histories
from adapters.audit.witness import Fork, WitnessRecord
from dashtam import audit_keys
from dashtam.console import console
from dashtam.container import container


def witness_records() -> Sequence[WitnessRecord]:
    """Return the records of the witness. Read them first, and stop if that fails."""
    witness = audit_keys.witness()
    try:
        return list(witness.records()) if witness else []
    except OSError:
        raise CommandError("The witness does not respond. Nothing was done.") from None


def begin_after(reason: str) -> None:
    """Begin a history and record it."""
    witnessed, now = witness_records(), container.ports.clock.now()
    report_lost(begin_history(reason, container.audit_trail, witnessed, at=now))


def record_begun(witnessed: Sequence[WitnessRecord]) -> None:
    """Write an audit entry for each history that has none."""
    report_lost(record_histories(container.audit_trail, witnessed, at=container.ports.clock.now()))


def record_within(name: str, witnessed: Sequence[WitnessRecord]) -> Sequence[Fork]:
    """Record histories in another database of the same server; return what was lost."""
    with _using_database(name):
        return record_histories(container.audit_trail, witnessed, at=container.ports.clock.now())


def report_lost(forks: Sequence[Fork]) -> None:
    console.print("A new history has begun: earlier /changes cursors are now rejected.")
    for fork in forks:
        lost = f"Checkpoints {fork.first} to {fork.last}, known to the witness, were lost here."
        console.print(f"{lost} This has been recorded.")


@contextmanager
def _using_database(name: str) -> Iterator[None]:
    database = connections["default"].settings_dict
    before = database["NAME"]
    connections.close_all()
    database["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        database["NAME"] = before
