"""Delivery over Redis Streams, for when there is more than one machine.

Each aggregate has one of a few streams, so that its facts stay in a row; each stream has one
consumer at a time. A fact that a consumer cannot deal with goes back to the outbox, where what is
dead is seen and sent again: Redis keeps nothing that the database does not.
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
#: Who reads a stream is called the same, whichever process it is: it finds what the last one left.
READER = "reader"
KEPT = 100_000
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
    """Puts facts into streams; the names are those of Debezium's outbox."""

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
        await self._redis.xadd(name, fields, maxlen=KEPT, approximate=True)  # type: ignore[arg-type]  # of texts
        if _is_cancelled():
            raise asyncio.CancelledError


class StreamConsumer:
    """Hands facts from the streams to those who react; any number may run, and share them."""

    def __init__(self, database: Database, redis: Redis, reactions: Delivery) -> None:
        self._database = database
        self._redis = redis
        self._reactions = reactions

    async def run(self) -> None:
        """Go on until cancelled, on every stream that nobody else reads."""
        async with asyncio.TaskGroup() as tasks:
            for partition in range(PARTITIONS):
                tasks.create_task(self._follow(stream(partition)))

    async def _follow(self, name: str) -> None:
        while not _is_cancelled():
            try:
                await self._read_while_nobody_else_does(name)
            except (RedisError, OSError) as error:
                logger.error("stream.interrupted", stream=name, error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def _read_while_nobody_else_does(self, name: str) -> None:
        lock = self._redis.lock(f"{name}:lock", timeout=LOCK_SECONDS)
        if not await lock.acquire(blocking=False):
            return
        try:
            await self._ensure_group(name)
            while not _is_cancelled():
                # Raises when it took so long that somebody else has the stream.
                await lock.reacquire()
                await self._deal_with_all(name)
        finally:
            try:
                await asyncio.shield(lock.release())
            except LockError:
                logger.warning("stream.lost", stream=name)

    async def _deal_with_all(self, name: str) -> None:
        """First what was read and not acknowledged, by whoever read before; then what is new."""
        for start, block in (("0", None), (">", int(POLL_SECONDS * 1000))):
            read: Any = await self._redis.xreadgroup(
                GROUP, READER, {name: start}, count=BATCH, block=block
            )
            for entry in read[0][1] if read else []:
                if not await self._deal_with(entry):
                    return
                await self._redis.xack(name, GROUP, entry[0])

    async def _deal_with(self, entry: Entry) -> bool:
        """Tell whether the entry is done with; if not, it stays for the next time."""
        row = _row(entry[1])
        if await self._database.run(returns.is_held_up, row):
            return await self._database.run(returns.put_back, row)
        try:
            await self._reactions.deliver(row)
        except Exception as error:  # noqa: BLE001
            # Whatever a reaction does wrong, the fact goes back to where it is tried again.
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
    """Tell whether this task should end.

    redis-py sends by way of `asyncio.wait_for`, and before Python 3.12 that loses a cancellation
    which comes just as what was waited for is done.
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
