"""Where accounts get their data from by themselves, and how that goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dashtam.application.connections.timing import ConnectionTiming, Timing
from domain.connections.entities import Connection
from domain.connections.links import AccountLink
from domain.connections.ports import ConnectionRepository
from domain.connections.values import ConnectionStatus, Window
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True)
class AccountSource:
    """The connection that fills an account, and what its provider has answered of it.

    `detail` says why the account is not up to date, if so, since `problem_since`.
    """

    connection: Connection
    link: AccountLink
    timing: Timing

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
    connection_timing: ConnectionTiming

    async def __call__(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, AccountSource], Unavailable]:
        linked = await self.connections.linked(owner=owner)
        if isinstance(linked, Failure) or not linked.value:
            return Success({}) if isinstance(linked, Success) else linked
        found = await self.connections.to_providers(owner=owner)
        if isinstance(found, Failure):
            return found
        timing = await self.connection_timing(found.value)
        if isinstance(timing, Failure):
            return timing
        connections = {each.id: each for each in found.value}
        sources = (
            AccountSource(connections[each.connection_id], each, timing.value[each.connection_id])
            for each in linked.value.values()
        )
        return Success(dict(zip(linked.value, sources, strict=True)))
