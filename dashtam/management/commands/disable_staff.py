"""Disable a member of staff."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.application.staff.manage_staff import DisableStaff
from dashtam.console import console, expect, set_command_origin
from dashtam.container import container


class Command(BaseCommand):
    """Disable a member of staff, which ends their sessions at once."""

    help = "Disable a member of staff: their sessions end, and they cannot log in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name they log in with")

    def handle(self, *, name: str, **options: Any) -> None:
        set_command_origin("disable_staff")
        disabled = expect(asyncio.run(container.operator.use(DisableStaff)(name=name)))
        console.print(f"{disabled.name} is disabled.", markup=False)
