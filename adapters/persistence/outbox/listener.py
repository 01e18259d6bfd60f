"""Waiting for NOTIFY."""

import asyncio
from types import TracebackType
from typing import Any, Self

import psycopg
import structlog

from adapters.persistence.plain import parameters

logger = structlog.get_logger(__name__)


class Listener:
    """A connection that listens on a channel, and is reopened when it is lost."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._close()

    async def wait(self, seconds: float) -> None:
        """Return when notified, or after so many seconds."""
        try:
            connection = self._connection or await self._connect()
            async for _ in connection.notifies(timeout=seconds, stop_after=1):
                return
        except psycopg.Error as error:
            logger.warning("listener.lost", error=type(error).__name__)
            await self._close()
            await asyncio.sleep(seconds)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(**parameters(), autocommit=True)
        # Assigned at once, so that it is closed even if this is cancelled before it listens.
        self._connection = connection
        await connection.execute(f"LISTEN {self._channel}".encode())
        return connection

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
