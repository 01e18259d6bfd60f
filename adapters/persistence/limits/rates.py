"""Rate limits: token buckets in PostgreSQL, by its clock."""

import asyncio
import math
from datetime import timedelta
from hashlib import sha256
from typing import Any, Never

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from domain.shared.errors import Busy, ConcurrencyConflict, Unavailable
from domain.shared.limits import Limit, TooManyRequests
from domain.shared.result import Failure, Result, Success

# The generic cell rate algorithm: each token taken delays the time when the bucket is full. One
# statement is one round trip. Concurrent requests queue for the row's lock, and read the clock when
# they have it. Buckets are locked in the order given, the widest last, so that none deadlock. Its
# commit does not wait for the disk: a crash of the server may return the tokens of its last moment.
_TAKE = """
WITH asked AS (
    SELECT * FROM unnest(%(keys)s::bytea[], %(tokens)s::interval[], %(others)s::interval[])
    AS each (key, token, others), set_config('synchronous_commit', 'off', true)
)
INSERT INTO limits_bucket AS bucket (key, full_at)
SELECT key, clock_timestamp() + token FROM asked
ON CONFLICT (key) DO UPDATE SET full_at = (
    SELECT CASE
        WHEN bucket.full_at - others <= clock_timestamp()
        THEN greatest(bucket.full_at, clock_timestamp()) + token
        ELSE bucket.full_at
    END FROM asked WHERE asked.key = bucket.key
)
RETURNING old.full_at IS DISTINCT FROM new.full_at, extract(epoch FROM new.full_at
    - (SELECT others FROM asked WHERE asked.key = bucket.key) - clock_timestamp())
"""
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


class PostgresRateLimiter(UsesDatabase):
    """`RateLimiter` with one row for each bucket. Keys are stored as digests."""

    async def consume(
        self, key: str, limit: Limit, *, within: tuple[str, Limit] | None = None
    ) -> Result[None, TooManyRequests | Unavailable]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._consume(key, limit, within)
            except ConcurrencyConflict:
                # Nothing was taken. The other transaction goes first now.
                await asyncio.sleep(PAUSE_SECONDS * attempt)
        return Failure(Busy("Too many requests at once. Nothing was changed. Try again."))

    @in_database
    def _consume(
        self, key: str, limit: Limit, within: tuple[str, Limit] | None = None
    ) -> Result[None, TooManyRequests]:
        self._database.refuse_in_transaction()
        buckets = [(key, limit), *([within] if within else [])]
        tokens = [_token_of(limit) for _, limit in buckets]
        asked: dict[str, Any] = {
            "keys": [sha256(name.encode()).digest() for name, _ in buckets],
            "tokens": tokens,
            "others": [
                token * (limit.burst - 1) for token, (_, limit) in zip(tokens, buckets, strict=True)
            ],
        }
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, asked)
            waits = [seconds for taken, seconds in cursor.fetchall() if not taken]
        if not waits:
            return Success(None)
        wait = max(math.ceil(max(waits)), 1)
        return Failure(TooManyRequests.of(wait))

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


def _token_of(limit: Limit) -> timedelta:
    """Return how long it takes until a token returns."""
    return timedelta(seconds=max(60 / limit.per_minute, _SHORTEST_SECONDS))
