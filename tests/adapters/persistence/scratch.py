"""A database with one small table, seen through `Database` and from another connection."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg
from django.db import connection, models

from adapters.persistence.database import Database, in_database
from domain.shared.result import Result, Success

OTHERS = """
    FROM pg_stat_activity
    WHERE datname = current_database()
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
#: Whatever is waited for comes at once; on a busy machine, later.
PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.005


class ScratchError(Exception):
    """What tests raise on purpose."""


class Note(models.Model):
    """A row of the scratch table."""

    text = models.TextField(unique=True)

    objects: ClassVar[models.Manager["Note"]] = models.Manager()

    class Meta:
        app_label = "scratch"
        managed = False

    def __str__(self) -> str:
        return self.text


def query(*statements: str) -> Any:
    """Return the first value of the last statement on the connection of this thread."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchone()[0]


class Notes:
    """A repository as all others are, except that it runs whatever it is given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def ask(self, body: Callable[[], Any]) -> Result[Any, str]:
        return Success(body())


@dataclass(frozen=True, slots=True)
class Scratch:
    """`database` is under test; `beside` is an unrelated connection."""

    database: Database
    beside: "psycopg.Connection[Any]"

    async def add(self, text: str) -> None:
        await self.database.run(Note.objects.create, text=text)

    async def texts(self) -> set[str]:
        return await self.database.run(lambda: set(Note.objects.values_list("text", flat=True)))

    async def sleep(self, seconds: float) -> None:
        await self.database.run(query, f"SELECT 1 FROM pg_sleep({seconds})")

    async def pid(self) -> int:
        """Return which server process answers."""
        pid: int = await self.database.run(query, "SELECT pg_backend_pid()")
        return pid

    def committed(self) -> set[str]:
        return {text for (text,) in self.beside.execute("SELECT text FROM scratch_note")}

    def backends(self) -> int:
        return self._count("true")

    def at_work(self) -> int:
        """Count connections that are in a transaction or in a statement."""
        return self._count("state <> 'idle'")

    def asleep(self) -> int:
        """Count connections that are in `pg_sleep`."""
        return self._count("wait_event = 'PgSleep'")

    def blocked(self) -> int:
        """Count connections that wait for a lock."""
        return self._count("wait_event_type = 'Lock'")

    def terminate(self) -> None:
        """Terminate all server processes except our own, and wait until they have ended."""
        self.beside.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
        wait_until(lambda: self.backends() == 0)

    def is_whole(self) -> bool:
        """Return whether every connection was returned, and nothing is open on the server."""
        state = self.database.state
        return state.leased == 0 and state.waiting == 0 and self.at_work() == 0

    def _count(self, condition: str) -> int:
        found = self.beside.execute(f"SELECT count(*) {OTHERS} AND {condition}").fetchone()
        return int(found[0]) if found else 0


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it is so, and let other tasks go on."""
    for _ in range(int(PATIENCE_SECONDS / PAUSE_SECONDS)):
        if condition():
            return
        await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError("it never came about")


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, and block this thread meanwhile."""
    for _ in range(int(PATIENCE_SECONDS / PAUSE_SECONDS)):
        if condition():
            return
        time.sleep(PAUSE_SECONDS)
    raise AssertionError("it never came about")
