"""Counts the requests of a connection, before each is sent."""

from dataclasses import dataclass
from datetime import UTC

from domain.connections.entities import Connection
from domain.connections.ports import SyncSchedule
from domain.connections.providers import ProviderTrouble, TroubleKind
from domain.connections.schedule import next_day
from domain.connections.values import Capabilities
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """`RequestMeter` of a connection, in the database: a crash does not refill the quota."""

    connection: Connection
    capabilities: Capabilities
    sync_schedule: SyncSchedule
    clock: Clock

    async def __call__(self, account_key: str = "") -> Result[None, ProviderTrouble]:
        now = self.clock.now()
        counted = await self.sync_schedule.count_request(
            self.connection.id,
            account_key if self.capabilities.asks_each_account else "",
            now.astimezone(UTC).date(),
            owner=self.connection.user_id,
            most=self.capabilities.requests_per_day,
        )
        if isinstance(counted, Failure):
            return Failure(ProviderTrouble(counted.error.detail))
        if counted.value:
            return Success(None)
        until = next_day(now)
        detail = "All requests that the provider allows on a day are used up."
        return Failure(ProviderTrouble(detail, kind=TroubleKind.QUOTA, until=until))
