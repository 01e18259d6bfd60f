"""The composition root: `container.use(LogIn)`, `container.ports.users`."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

from django.conf import settings

from adapters.events import Lane, Reactions, Relay, Subscription
from adapters.events.deliveries import deliveries
from adapters.events.sync_runner import SyncRunner
from adapters.persistence.database import Database
from dashtam.application.connections.sync_connection import LEASE, SyncConnection
from dashtam.container.adapters import Adapters
from dashtam.container.reactions import subscriptions
from dashtam.container.wiring import U, UseCases
from domain.shared.errors import OutcomeUnknown

__all__ = ["Container", "container"]


class Container(Adapters):
    """Everything that lives as long as the process, each part made when it is first used."""

    def use(self, kind: type[U]) -> U:
        """Return a use case that serves users."""
        return self.use_cases.use(kind)

    @cached_property
    def use_cases(self) -> UseCases:
        return UseCases(self.ports)

    @cached_property
    def background(self) -> UseCases:
        """The use cases of reactions, whose files wait in the reading queue as long as it takes."""
        return UseCases(replace(self.ports, reading_queue=self.ports.reading_queue.for_background))

    @cached_property
    def staff(self) -> UseCases:
        """The use cases of staff in the admin."""
        return UseCases(self.ports_on(self.staff_database))

    @cached_property
    def operator(self) -> UseCases:
        """The use cases that manage staff."""
        return UseCases(self.ports_on(self.operator_database))

    @cached_property
    def subscriptions(self) -> Sequence[Subscription]:
        return subscriptions(self.background)

    @property
    def reactions(self) -> Reactions:
        return Reactions(self.database, self.subscriptions)

    @cached_property
    def relay(self) -> Relay:
        return self.relay_for(*Lane)

    def relay_for(self, *lanes: Lane) -> Relay:
        """Make a relay for these lanes only."""
        everywhere = deliveries(self.reactions, settings.EVENT_STREAM_URL)
        return Relay(
            self.database,
            {lane: everywhere[lane] for lane in lanes},
            every_minute=[self.audit_trail.record_repetitions],
        )

    @cached_property
    def sync_runner(self) -> SyncRunner:
        return SyncRunner(self.ports.sync_schedule, self.use(SyncConnection), lease=LEASE)

    @property
    def databases(self) -> Sequence[Database]:
        """The connection pools of a server process."""
        return [
            self.database,
            self.health_database,
            self.figures_database,
            self.staff_database,
            self.operator_database,
        ]

    def close(self) -> None:
        """Close all connections; later use opens new ones."""
        for database in self.databases:
            database.close()

    async def drain(self) -> None:
        """Deliver waiting events now; those that an outage leaves behind are the relay's."""
        await self.publisher.drain()
        with suppress(OutcomeUnknown):
            await self.relay.deliver_all()


container = Container()
