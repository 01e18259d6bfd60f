"""Consume events from Redis Streams."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from adapters.events.deliveries import stream_consumer
from dashtam.console import set_command_origin
from dashtam.container import container


class Command(BaseCommand):
    """For relays that publish to Redis Streams (EVENT_STREAM_URL); any number may run."""

    help = "React to events from Redis Streams until stopped."

    def handle(self, **options: Any) -> None:
        set_command_origin("consume")
        consumer = stream_consumer(
            container.database, container.reactions, settings.EVENT_STREAM_URL
        )
        try:
            asyncio.run(consumer.run())
        except KeyboardInterrupt:
            return
