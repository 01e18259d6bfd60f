"""React to the events in the streams."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.console import work_from
from dashtam.container import container


class Command(BaseCommand):
    """Where relays put events into Redis Streams (EVENT_STREAM_URL): any number may run."""

    help = "React to events from Redis Streams until stopped."

    def handle(self, **options: Any) -> None:
        work_from("consume")
        try:
            asyncio.run(container.stream_consumer().run())
        except KeyboardInterrupt:
            return
