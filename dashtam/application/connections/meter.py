"""Counts the requests of a connection, before each is sent."""

from datetime import UTC

from domain.connections.entities import Connection
from domain.connections.ports import SyncSchedule
from domain.connections.providers import ProviderTrouble, TroubleKind
from domain.connections.schedule import next_day
from domain.connections.values import Capabilities
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success


class Meter:
    """`RequestMeter` of a connection, in the database: a crash does not refill the quota."""

    def __init__(
        self,
        connection: Connection,
        capabilities: Capabilities,
        sync_schedule: SyncSchedule,
        clock: Clock,
        *,
        authorises: bool = False,
    ) -> None:
        self._connection = connection
        self._capabilities = capabilities
        self._sync_schedule = sync_schedule
        self._clock = clock
        self._authorises = authorises

    async def __call__(self, account_key: str = "") -> Result[None, ProviderTrouble]:
        now = self._clock.now()
        counted = await self._sync_schedule.count_request(
            self._connection.id,
            self._key(account_key),
            now.astimezone(UTC).date(),
            owner=self._connection.user_id,
            most=self._capabilities.requests_per_day,
        )
        if isinstance(counted, Failure):
            return Failure(ProviderTrouble(counted.error.detail))
        if counted.value:
            return Success(None)
        until = next_day(now)
        detail = "All requests that the provider allows on a day are used up."
        return Failure(ProviderTrouble(detail, kind=TroubleKind.QUOTA, until=until))

    def _key(self, account_key: str) -> str:
        """Return what the request counts for: syncs that use a day up must not prevent renewal."""
        if self._authorises:
            return "authorisation"
        return account_key if self._capabilities.counts_each_account else ""
