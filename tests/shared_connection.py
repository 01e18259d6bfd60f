"""A `Database` on the connection of a test, so that its rollback undoes async work too."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from adapters.persistence.database import Database
from adapters.persistence.database.pool import Pool
from adapters.persistence.database.worker import Worker
from adapters.persistence.roles import Role

_ASSUME_ROLE = """
WITH before AS MATERIALIZED (SELECT current_setting('role') AS role)
SELECT role, set_config('role', %s, false) FROM before
"""
_RESTORE_ROLE = """
SELECT set_config('role', %s, false), set_config('app.user_id', '', true),
    set_config('statement_timeout', '0', true)
"""


class SharedWorker(Worker):
    """Runs calls on a connection that the test opens and closes."""

    _role_before = "none"

    def attach(self, connection: BaseDatabaseWrapper) -> None:
        connections[self._alias] = connection

    def detach(self) -> None:
        del connections[self._alias]

    def clean(self) -> None:
        # Here, LOCAL settings would last as long as the transaction of the test.
        if self._role is not None and not self.connection.needs_rollback:
            with self.connection.cursor() as cursor:
                cursor.execute(_RESTORE_ROLE, [self._role_before])

    def _renew(self) -> None:
        if self._role is not None:
            with self.connection.cursor() as cursor:
                cursor.execute(_ASSUME_ROLE, [self._role])
                self._role_before = cursor.fetchone()[0]

    def _close(self) -> None:
        pass


@contextmanager
def bound(
    database: Database, connection: BaseDatabaseWrapper, *, policies: bool = True
) -> Iterator[None]:
    """Let a database work on the caller's connection.

    Without `policies` the work is done as the caller, who may be above them.
    """
    pool = database._pool
    worker = SharedWorker(connection.alias, 0, _role_in(pool) if policies else None)
    connection.inc_thread_sharing()
    worker.submit(lambda: worker.attach(connection)).result()
    try:
        with _having_only(worker, pool):
            try:
                yield
            finally:
                # Calls that nobody waited for end here, on the connection they began on.
                worker.submit(lambda: None).result()
    finally:
        worker.submit(worker.detach).result()
        worker.shut_down()
        connection.dec_thread_sharing()


def open_transactions(database: Database, user_id: UUID) -> int:
    """Count the transactions that a user has open."""
    with database._pool._lock:
        return database._pool._counts[f"user {user_id}", True]


@contextmanager
def _having_only(worker: Worker, pool: Pool) -> Iterator[None]:
    with pool._lock:
        before = pool._size, pool._workers, pool._idle
        pool._size, pool._workers, pool._idle = 1, [worker], [worker]
    try:
        yield
    finally:
        with pool._lock:
            pool._size, pool._workers, pool._idle = before


def _role_in(pool: Pool) -> Role | None:
    # No thread starts before a worker is given its first call.
    return pool._make_worker()._role
