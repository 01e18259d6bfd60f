"""Deliver the facts that are still on their way."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashtam.console import console, work_from
from dashtam.container import container


class Command(BaseCommand):
    """Hands facts to those who react, where that did not happen right after the commit."""

    help = "Deliver events that are still in the outbox: once, or every so many seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on until stopped")

    def handle(self, *, every: float | None, **options: Any) -> None:
        work_from("relay")
        try:
            failed = asyncio.run(_relay(every))
        except KeyboardInterrupt:
            return
        if failed:
            raise CommandError(f"{failed} events could not be delivered; they stay in the outbox.")


async def _relay(every: float | None) -> int:
    failed = await _relay_once()
    while every is not None:
        await asyncio.sleep(every)
        failed = await _relay_once()
    return failed


async def _relay_once() -> int:
    """Return how many events could not be delivered."""
    arrived, failed = await container.relay.deliver_all()
    if arrived or failed:
        console.print(f"{arrived} events delivered, {failed} left.")
    return failed
