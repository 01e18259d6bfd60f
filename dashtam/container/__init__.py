"""Every port and its adapter, every use case, and who reacts to which fact."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from adapters.events import Delivery, Lane, Reactions, Relay, Subscription, on
from adapters.persistence.database import Database
from dashtam.application.audit.queries import ShowAuditTrail
from dashtam.application.audit.resend_events import ResendEvents
from dashtam.container.adapters import Basics
from dashtam.container.csv_profiles import CsvProfiles
from dashtam.container.factors import Factors
from dashtam.container.leaving import Leaving
from dashtam.container.letters import Letters
from dashtam.container.previews import Previews
from dashtam.container.programs import Programs
from dashtam.container.staff import Staff
from domain.ledger.events import PreviewRequested, StatementReceived
from domain.shared.errors import Interrupted

if TYPE_CHECKING:
    # Redis is there only where it is used: see requirements/scale.txt.
    from types import ModuleType

    from adapters.events.streams import StreamConsumer


__all__ = ["Basics", "Container", "container"]


class Container(Factors, Letters, Programs, Leaving, CsvProfiles, Previews, Staff):
    """Everything that lives as long as the process, each made when it is first asked for."""

    # Audit

    @cached_property
    def show_audit_trail(self) -> ShowAuditTrail:
        return ShowAuditTrail(audit_trail=self.audit_trail)

    @cached_property
    def resend_events(self) -> ResendEvents:
        return ResendEvents(outbox=self.outbox, **self.basics)

    # Who reacts to what

    @cached_property
    def subscriptions(self) -> Sequence[Subscription]:
        return [
            *self.letters,
            # These open their own transactions, the last of them once the file is read.
            on(StatementReceived, self.bring_received, outside=True),
            on(PreviewRequested, self.make_preview, outside=True),
        ]

    @cached_property
    def relay(self) -> Relay:
        return self.relay_for(*Lane)

    def relay_for(self, *lanes: Lane) -> Relay:
        """Make a relay that works on these lanes alone."""
        return Relay(
            self.database,
            {lane: self._deliveries[lane] for lane in lanes},
            every_minute=[self.audit_trail.record_repetitions],
        )

    @cached_property
    def _deliveries(self) -> Mapping[Lane, Delivery]:
        here: Delivery = Reactions(self.database, self.subscriptions)
        if not settings.EVENT_STREAM_URL:
            return dict.fromkeys(Lane, here)
        streams = _streams()
        handed_on: Delivery = streams.RedisStream(streams.redis_at(settings.EVENT_STREAM_URL))
        # Imports stay in the outbox until they are done: there users take turns, and in a stream
        # a large file would hold up all that comes behind it.
        return {Lane.DEFAULT: handed_on, Lane.IMPORTS: here}

    def stream_consumer(self) -> "StreamConsumer":
        streams = _streams()
        redis = streams.redis_at(settings.EVENT_STREAM_URL)
        reactions = Reactions(self.database, self.subscriptions)
        made: StreamConsumer = streams.StreamConsumer(self.database, redis, reactions)
        return made

    @property
    def databases(self) -> Sequence[Database]:
        """Every way to the database that a server process has."""
        return [
            self.database,
            self.health_database,
            self.figures_database,
            self.staff_database,
            self.operator_database,
        ]

    def close(self) -> None:
        """End all connections; what is asked for later opens new ones."""
        for database in self.databases:
            database.close()

    async def drain(self) -> None:
        """Deliver what is on its way, here and now; what an outage leaves behind is the relay's."""
        await self.publisher.drain()
        with suppress(Interrupted):
            await self.relay.deliver_all()


def _streams() -> "ModuleType":
    if not settings.EVENT_STREAM_URL:
        raise ImproperlyConfigured("There are no streams: the setting EVENT_STREAM_URL is missing.")
    try:
        from adapters.events import streams
    except ImportError:
        raise ImproperlyConfigured(
            "EVENT_STREAM_URL needs Redis: pip install -r requirements/scale.txt"
        ) from None
    return streams


container = Container()
