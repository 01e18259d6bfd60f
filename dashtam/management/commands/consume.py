"""React to the events in the streams."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from adapters.events.deliveries import stream_consumer
from dashtam.console import work_from
from dashtam.container import container


class Command(BaseCommand):
    """Where relays put events into Redis Streams (EVENT_STREAM_URL): any number may run."""

    help = "React to events from Redis Streams until stopped."

    def handle(self, **options: Any) -> None:
        work_from("consume")
        consumer = stream_consumer(
            container.database, container.reactions, settings.EVENT_STREAM_URL
        )
        try:
            asyncio.run(consumer.run())
        except KeyboardInterrupt:
            return
