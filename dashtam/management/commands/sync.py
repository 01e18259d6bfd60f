"""Sync connections that are due."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.console import console, set_command_origin
from dashtam.container import container


class Command(BaseCommand):
    """Asks providers; what they answer is imported by the relay."""

    help = "Sync connections: those that are due now, or (--follow) until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--follow", action="store_true", help="continue until stopped")

    def handle(self, *, follow: bool, **options: Any) -> None:
        set_command_origin("sync")
        try:
            asyncio.run(_sync(follow=follow))
        except KeyboardInterrupt:
            return


async def _sync(*, follow: bool) -> None:
    runner = container.sync_runner
    if follow:
        await runner.run()
    turns = await runner.sync_due()
    console.print(f"{turns} connections synced. The relay imports what is new.")
