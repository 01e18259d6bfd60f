"""Histories in the hands of operators: what was told before one began is void."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import connections

from adapters.audit.forks import Fork
from adapters.audit.histories import begin_history, record_histories
from adapters.audit.witness import Testimony
from dashtam import custody
from dashtam.console import console
from dashtam.container import container


def testimonies() -> Sequence[Testimony]:
    """Return what the witness was told; asked for before anything is done, or nothing is."""
    witness = custody.witness()
    try:
        return list(witness.testimonies()) if witness else []
    except OSError:
        raise CommandError("The witness does not answer. Nothing was done.") from None


def begin_after(reason: str) -> None:
    """Begin a history and record it."""
    told, now = testimonies(), container.ports.clock.now()
    tell(begin_history(reason, container.audit_trail, told, at=now))


def record_begun(told: Sequence[Testimony]) -> None:
    """Record the histories that have begun and have no entry."""
    tell(record_histories(container.audit_trail, told, at=container.ports.clock.now()))


def record_within(name: str, told: Sequence[Testimony]) -> Sequence[Fork]:
    """Record them in another database of the same server; return what is lost."""
    with _working_in(name):
        return record_histories(container.audit_trail, told, at=container.ports.clock.now())


def tell(forks: Sequence[Fork]) -> None:
    console.print("A new history has begun: earlier /changes cursors are now rejected.")
    for fork in forks:
        lost = f"Checkpoints {fork.first} to {fork.last}, known to the witness, were lost here."
        console.print(f"{lost} This has been recorded.")


@contextmanager
def _working_in(name: str) -> Iterator[None]:
    database = connections["default"].settings_dict
    before = database["NAME"]
    connections.close_all()
    database["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        database["NAME"] = before
