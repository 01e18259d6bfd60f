"""Rate limits: token buckets in PostgreSQL, by its clock."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Never, TypeVar

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from domain.shared.errors import Busy, ConcurrencyConflict, Unavailable
from domain.shared.limits import Buckets, Limit, TooManyRequests
from domain.shared.result import Failure, Result, Success

#: SQL that takes tokens, and says in how many seconds a missing one returns: see `limits.sql`.
TAKE = "limits_take(%(names)s::text[], {whose}, %(spans)s::interval[], %(bursts)s::interval[])"
_TAKE = "SELECT " + TAKE.format(whose="''")
# A locked bucket is about to be used: it is skipped.
_FORGET = """
WITH part AS (
    SELECT key FROM limits_bucket WHERE key > %(after)s ORDER BY key LIMIT %(batch)s
), idle AS (
    SELECT key FROM limits_bucket JOIN part USING (key) WHERE full_at <= clock_timestamp()
    FOR UPDATE OF limits_bucket SKIP LOCKED
), gone AS (
    DELETE FROM limits_bucket USING idle
    WHERE limits_bucket.key = idle.key AND full_at <= clock_timestamp() RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT max(key) FROM part)
"""
#: The number of buckets that one statement visits.
BATCH = 5000
#: How often taking a token is retried on conflict.
ATTEMPTS = 3
PAUSE_SECONDS = 0.05
# The resolution of the server's clock.
_SHORTEST_SECONDS = 1e-6

T = TypeVar("T")
E = TypeVar("E")


class PostgresRateLimiter(UsesDatabase):
    """`RateLimiter` with one row for each bucket. Keys are stored as digests."""

    async def consume(
        self, key: str, limit: Limit, *, within: tuple[str, Limit] | None = None
    ) -> Result[None, TooManyRequests | Unavailable]:
        buckets = [(key, limit), *([within] if within else [])]
        return await retried(lambda: self._consume(buckets))

    @in_database
    def _consume(self, buckets: Buckets) -> Result[None, TooManyRequests]:
        self._database.refuse_in_transaction()
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, parameters_of(buckets))
            (seconds,) = cursor.fetchone()
        return refusal_after(seconds) or Success(None)

    async def delete_expired(self) -> Result[int, Unavailable]:
        total, after = 0, b""
        while True:
            swept = await self._sweep(after)
            if isinstance(swept, Failure):
                return swept
            gone, last = swept.value
            total += gone
            if last is None:
                return Success(total)
            after = last

    @in_database
    def _sweep(self, after: bytes) -> Result[tuple[int, bytes | None], Never]:
        """Visit one batch; return how many buckets were deleted, and the last one visited."""
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, {"after": after, "batch": BATCH})
            gone, last = cursor.fetchone()
        return Success((gone, None if last is None else bytes(last)))


def parameters_of(buckets: Buckets) -> dict[str, Any]:
    """Return the parameters of `TAKE`."""
    spans = [_span_of(limit) for _, limit in buckets]
    return {
        "names": [name for name, _ in buckets],
        "spans": spans,
        "bursts": [
            span * (limit.burst - 1) for span, (_, limit) in zip(spans, buckets, strict=True)
        ],
    }


def refusal_after(seconds: float | None) -> Failure[TooManyRequests] | None:
    """Return what `TAKE` found: a refusal, if a token is missing for so many seconds."""
    return None if seconds is None else Failure(TooManyRequests.of(max(math.ceil(seconds), 1)))


async def retried(
    statement: Callable[[], Awaitable[Result[T, E | Unavailable]]],
) -> Result[T, E | Unavailable]:
    """Take tokens, again if another transaction was in the way: nothing was taken then."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await statement()
        except ConcurrencyConflict:
            await asyncio.sleep(PAUSE_SECONDS * attempt)
    return Failure(Busy("Too many requests at once. Nothing was changed. Try again."))


def _span_of(limit: Limit) -> timedelta:
    """Return how long it takes until a token returns."""
    return timedelta(seconds=max(60 / limit.per_minute, _SHORTEST_SECONDS))
