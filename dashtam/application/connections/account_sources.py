"""Where accounts get their data from by themselves, and how that goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dashtam.application.connections.provider_list import provider_of
from domain.connections.entities import Connection
from domain.connections.links import AccountLink
from domain.connections.ports import ConnectionRepository, SyncSchedule
from domain.connections.providers import Provider
from domain.connections.schedule import Due
from domain.connections.values import ConnectionStatus, Window
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ConnectionId, UserId
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSource:
    """The connection that fills an account, and what its provider has answered of it.

    `detail` says why the account is not up to date, if so, since `problem_since`.
    """

    connection: Connection
    link: AccountLink
    due: Due | None
    requests_left: int | None

    @property
    def status(self) -> ConnectionStatus:
        """The state of the account: that of its connection, unless only others have problems."""
        status = self.connection.status
        if status is ConnectionStatus.PARTIAL and self.link.problem is None:
            return ConnectionStatus.ACTIVE
        return status

    @property
    def detail(self) -> str:
        return self.link.problem_detail or self.connection.detail

    @property
    def complete_at(self) -> datetime | None:
        """When all days up to that moment were answered last."""
        return self.link.answered_at

    @property
    def window(self) -> Window | None:
        return self.link.coverage.window


@dataclass(frozen=True, slots=True, kw_only=True)
class FindAccountSources:
    """Finds the sources of a user's accounts, in the unit of work of the caller."""

    connections: ConnectionRepository
    sync_schedule: SyncSchedule
    providers: Sequence[Provider]
    clock: Clock

    async def __call__(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, AccountSource], Unavailable]:
        linked = await self.connections.linked(owner=owner)
        if isinstance(linked, Failure) or not linked.value:
            return Success({}) if isinstance(linked, Success) else linked
        found = await self.connections.to_providers(owner=owner)
        if isinstance(found, Failure):
            return found
        connections = {each.id: each for each in found.value}
        due = await self.sync_schedule.due([*connections])
        if isinstance(due, Failure):
            return due
        used = {each.connection_id for each in linked.value.values()}
        left = await self._requests_left(used, connections)
        if isinstance(left, Failure):
            return left
        return Success(
            {
                account_id: AccountSource(
                    connection=connections[link.connection_id],
                    link=link,
                    due=due.value.get(link.connection_id),
                    requests_left=left.value[link.connection_id],
                )
                for account_id, link in linked.value.items()
            }
        )

    async def _requests_left(
        self, wanted: set[ConnectionId], connections: Mapping[ConnectionId, Connection]
    ) -> Result[dict[ConnectionId, int | None], Unavailable]:
        today = self.clock.now().astimezone(UTC).date()
        left: dict[ConnectionId, int | None] = {}
        for each in wanted:
            provider = provider_of(connections[each].provider, self.providers)
            if isinstance(provider, Failure):
                left[each] = None
                continue
            used = await self.sync_schedule.requests(each, today)
            if isinstance(used, Failure):
                return used
            most = provider.value.capabilities.requests_per_day
            left[each] = most - max(used.value.values(), default=0)
        return Success(left)
