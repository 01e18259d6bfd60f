"""Holding something that others want, until they wait for it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import Any

import psycopg
from django.db import connections

MOST_LOOKS = 12_000
PAUSE_SECONDS = 0.01
WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def until(so: Callable[[], bool]) -> None:
    """Return once a condition holds that another thread or process causes."""
    for _ in range(MOST_LOOKS):
        if so():
            return
        time.sleep(PAUSE_SECONDS)
    raise AssertionError("it was never so")


async def until_waiting(count: int) -> None:
    """Return once so many wait for a lock."""
    parameters = connections["default"].get_connection_params()
    with psycopg.connect(**parameters, autocommit=True) as beside:
        for _ in range(MOST_LOOKS):
            found = beside.execute(WAITING).fetchone()
            if found and found[0] >= count:
                return
            await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError(f"there were never {count} waiting")


@asynccontextmanager
async def locked(statement: str, *parameters: Any) -> AsyncIterator[None]:
    """Lock what a statement locks, on a connection unrelated to the application."""
    with psycopg.connect(**connections["default"].get_connection_params()) as beside:
        beside.execute(statement.encode(), parameters)
        yield
        beside.rollback()


async def at_once(begin: Callable[[], Coroutine[Any, Any, Any]], statement: str, row: Any) -> Any:
    """Do something twice, both of them blocked by a row at the decisive moment."""
    async with locked(statement, row):
        # Tasks of their own: in this one's context they would be in this one's transaction.
        tasks = [asyncio.create_task(begin(), context=copy_context()) for _ in range(2)]
        await until_waiting(2)
    return await asyncio.gather(*tasks)
