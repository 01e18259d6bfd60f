"""When connections ask next, and how often they still may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from domain.connections.entities import Connection
from domain.connections.ports import SyncSchedule
from domain.connections.providers import Provider
from domain.connections.schedule import Due
from domain.shared.errors import Unavailable
from domain.shared.ids import ConnectionId
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True)
class Timing:
    """When a connection is synced next and why then, and how many requests it may still send today.

    `requests_left` is None if its provider is not offered any more.
    """

    due: Due | None
    requests_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTiming:
    """When connections are due, and how many requests each may still send today."""

    sync_schedule: SyncSchedule
    providers: Sequence[Provider]
    clock: Clock

    async def __call__(
        self, connections: Sequence[Connection]
    ) -> Result[Mapping[ConnectionId, Timing], Unavailable]:
        ids = [each.id for each in connections]
        due = await self.sync_schedule.due(ids)
        if isinstance(due, Failure):
            return due
        today = self.clock.now().astimezone(UTC).date()
        used = await self.sync_schedule.most_requests(ids, today)
        if isinstance(used, Failure):
            return used
        timing = (
            Timing(due.value.get(each.id), self._left(each, used.value.get(each.id, 0)))
            for each in connections
        )
        return Success(dict(zip(ids, timing, strict=True)))

    def _left(self, connection: Connection, used: int) -> int | None:
        most = {each.slug: each.capabilities.requests_per_day for each in self.providers}
        return most[connection.provider] - used if connection.provider in most else None
