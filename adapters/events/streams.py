"""Delivery over Redis Streams, for more than one machine.

Each aggregate belongs to one of a few streams, so that its events stay in order; each stream has
one consumer at a time. An event that a consumer cannot process returns to the outbox, where dead
events are listed and can be retried: Redis stores nothing that the database does not.
"""

import asyncio
import json
from typing import Any
from uuid import UUID
from zlib import crc32

import structlog
from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError, ResponseError

from adapters.events.reactions import Delivery, ReactionFailed
from adapters.persistence.database import Database
from adapters.persistence.outbox import returns
from adapters.persistence.outbox.models import OutboxModel

logger = structlog.get_logger(__name__)

PARTITIONS = 8
GROUP = "dashtam"
#: Every process reads under the same name, so that it finds the pending entries of the last one.
READER = "reader"
MAX_ENTRIES = 100_000
LOCK_SECONDS = 60.0
POLL_SECONDS = 1.0
BATCH = 100

Entry = tuple[str, dict[str, str]]


def redis_at(url: str) -> Redis:
    return Redis.from_url(url, decode_responses=True)


def stream_of(aggregate_id: UUID) -> str:
    return stream(crc32(aggregate_id.bytes) % PARTITIONS)


def stream(partition: int) -> str:
    return f"dashtam:events:{partition}"


class RedisStream:
    """Adds events to streams; the field names are those of Debezium's outbox."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def deliver(self, row: OutboxModel) -> None:
        fields = {
            "id": str(row.id),
            "position": str(row.position),
            "aggregatetype": row.aggregate_type,
            "aggregateid": str(row.aggregate_id),
            "type": row.type,
            "payload": json.dumps(row.payload),
            "trace_id": row.trace_id,
        }
        name = stream_of(row.aggregate_id)
        await self._redis.xadd(name, fields, maxlen=MAX_ENTRIES, approximate=True)  # type: ignore[arg-type]  # of texts
        if _is_cancelled():
            raise asyncio.CancelledError


class StreamConsumer:
    """Delivers events from the streams to reactions; any number of consumers share the streams."""

    def __init__(self, database: Database, redis: Redis, reactions: Delivery) -> None:
        self._database = database
        self._redis = redis
        self._reactions = reactions

    async def run(self) -> None:
        """Read every stream that no other consumer reads, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for partition in range(PARTITIONS):
                tasks.create_task(self._follow(stream(partition)))

    async def _follow(self, name: str) -> None:
        while not _is_cancelled():
            try:
                await self._read_exclusively(name)
            except (RedisError, OSError) as error:
                logger.error("stream.interrupted", stream=name, error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def _read_exclusively(self, name: str) -> None:
        lock = self._redis.lock(f"{name}:lock", timeout=LOCK_SECONDS)
        if not await lock.acquire(blocking=False):
            return
        try:
            await self._ensure_group(name)
            while not _is_cancelled():
                # This raises if the lock has expired and another consumer reads the stream.
                await lock.reacquire()
                await self._process_batch(name)
        finally:
            try:
                await asyncio.shield(lock.release())
            except LockError:
                logger.warning("stream.lost", stream=name)

    async def _process_batch(self, name: str) -> None:
        """Process entries that were read but not acknowledged, then new ones."""
        for start, block in (("0", None), (">", int(POLL_SECONDS * 1000))):
            read: Any = await self._redis.xreadgroup(
                GROUP, READER, {name: start}, count=BATCH, block=block
            )
            for entry in read[0][1] if read else []:
                if not await self._process(entry):
                    return
                await self._redis.xack(name, GROUP, entry[0])

    async def _process(self, entry: Entry) -> bool:
        """Process an entry; return whether it can be acknowledged. If not, it is read again."""
        row = _row(entry[1])
        if await self._database.run(returns.is_held_up, row):
            return await self._database.run(returns.put_back, row)
        try:
            await self._reactions.deliver(row)
        except Exception as error:  # noqa: BLE001
            # Whatever a reaction raises, the event returns to the outbox, which retries it.
            reason = str(error) if isinstance(error, ReactionFailed) else type(error).__name__
            logger.error("event.not_delivered", event_id=str(row.id), type=row.type, error=reason)
            return await self._database.run(returns.put_back_failed, row, reason)
        return True

    async def _ensure_group(self, name: str) -> None:
        try:
            await self._redis.xgroup_create(name, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


def _is_cancelled() -> bool:
    """Return whether this task was cancelled.

    redis-py uses `asyncio.wait_for`, which before Python 3.12 loses a cancellation that arrives at
    the moment of completion.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _row(fields: dict[str, str]) -> OutboxModel:
    return OutboxModel(
        id=UUID(fields["id"]),
        position=int(fields["position"]),
        aggregate_type=fields["aggregatetype"],
        aggregate_id=UUID(fields["aggregateid"]),
        type=fields["type"],
        payload=json.loads(fields["payload"]),
        trace_id=fields["trace_id"],
    )
