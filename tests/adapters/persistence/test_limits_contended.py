"""Tokens and locks: two requests that consume from two buckets can deadlock."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from adapters.persistence.database import Database
from adapters.persistence.limits.rates import PostgresRateLimiter
from adapters.persistence.plain import connect
from adapters.persistence.roles import Role
from domain.shared.errors import Unavailable
from domain.shared.limits import Limit
from domain.shared.result import Failure, Success

BLOCKED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
"""
SLOW = Limit(burst=30, per_minute=1)
TWO_BUCKETS: dict[str, Any] = {"key": "narrow", "limit": SLOW, "within": ("wide", SLOW)}
LOCK = "SELECT FROM limits_bucket WHERE key = sha256(%s) FOR UPDATE"


class TestConsuming:
    """A request has the large bucket and waits for the small one: it still gets a token."""

    @pytest.fixture
    def limiter(self, committing_database: str) -> Iterator[PostgresRateLimiter]:
        database = Database(size=4, role=Role.APPLICATION)
        yield PostgresRateLimiter(database)
        database.close()

    @contextmanager
    def somebody(self, bucket: bytes) -> Iterator["psycopg.Connection[Any]"]:
        """Lock a bucket; in a deadlock with its holder, the waiting request is cancelled."""
        with connect() as other, other.transaction():
            other.execute("SET LOCAL deadlock_timeout = '60s'")
            other.execute("SET LOCAL search_path = public")
            other.execute(LOCK, [bucket])
            yield other

    async def test_restarts_after_a_concurrent_deletion(self, limiter: PostgresRateLimiter) -> None:
        assert await limiter.consume(**TWO_BUCKETS) == Success(None)
        with self.somebody(b"wide") as other:
            taking = asyncio.create_task(limiter.consume(**TWO_BUCKETS))
            await until_waiting(1)
            await asyncio.to_thread(other.execute, LOCK, [b"narrow"])

        assert await taking == Success(None)

    async def test_is_reported_in_the_end(
        self, limiter: PostgresRateLimiter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("adapters.persistence.limits.rates.ATTEMPTS", 1)
        assert await limiter.consume(**TWO_BUCKETS) == Success(None)
        with self.somebody(b"wide") as other:
            taking = asyncio.create_task(limiter.consume(**TWO_BUCKETS))
            await until_waiting(1)
            await asyncio.to_thread(other.execute, LOCK, [b"narrow"])

        result = await taking
        assert isinstance(result, Failure)
        assert isinstance(result.error, Unavailable)

    async def test_deletion_waits_for_nobody(self, limiter: PostgresRateLimiter) -> None:
        assert await limiter.consume(**TWO_BUCKETS) == Success(None)
        assert await limiter.consume("idle", SLOW) == Success(None)
        await asyncio.to_thread(_all_are_full)
        with self.somebody(b"wide"):
            assert await limiter.delete_expired() == Success(2)
        assert await limiter.delete_expired() == Success(1)


def _all_are_full() -> None:
    with connect() as above:
        above.execute("UPDATE public.limits_bucket SET full_at = full_at - interval '1 day'")


async def until_waiting(number: int) -> None:
    """Wait until so many transactions wait for another."""
    with connect() as above:
        while above.execute(BLOCKED).fetchone() != (number,):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
