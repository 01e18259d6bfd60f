"""Deliver events from the outbox."""

import asyncio
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from adapters.events import Lane
from dashtam.application.audit.resend_events import ResendEvents
from dashtam.console import console, expect, set_command_origin
from dashtam.container import container
from domain.shared.errors import OutcomeUnknown


class Command(BaseCommand):
    """Delivers events to reactions; an event that fails twelve times is dead until it is resent."""

    help = "Deliver events: those that are in the outbox now, or (--follow) until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--follow", action="store_true", help="continue until stopped")
        parser.add_argument("--lane", choices=list(Lane), help="deliver only events of this lane")
        parser.add_argument("--resend", action="store_true", help="deliver dead events again")

    def handle(self, *, follow: bool, lane: str | None, resend: bool, **options: Any) -> None:
        set_command_origin("relay")
        lanes = [Lane(lane)] if lane else list(Lane)
        try:
            asyncio.run(_relay(lanes, follow=follow, resend=resend))
        except KeyboardInterrupt:
            return


async def _relay(lanes: Sequence[Lane], *, follow: bool, resend: bool) -> None:
    relay = container.relay_for(*lanes)
    if resend:
        sent = expect(await container.use(ResendEvents)(event_ids=None))
        console.print(f"{len(sent)} dead events will be delivered again.")
    if follow:
        await relay.run()
    try:
        arrived, failed = await relay.deliver_all()
    except OutcomeUnknown as error:
        raise CommandError(
            "The database refused or was lost: see the log. What was not delivered stays in the"
            " outbox."
        ) from error
    backlog = expect(await container.ports.outbox.backlog())
    console.print(f"{arrived} events delivered, {backlog.waiting} waiting, {backlog.dead} dead.")
    if failed:
        raise CommandError(f"{failed} events could not be delivered; they stay in the outbox.")
    if backlog.dead:
        raise CommandError(f"{backlog.dead} events are dead: relay --resend tries them again.")
