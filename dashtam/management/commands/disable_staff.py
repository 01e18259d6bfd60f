"""Let somebody of the staff in no more."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.application.staff.manage_staff import DisableStaff
from dashtam.console import console, expect, work_from
from dashtam.container import container


class Command(BaseCommand):
    """Ends their sessions at once, and leaves an audit entry."""

    help = "Disable somebody of the staff: they are logged out, and cannot log in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what they log in as")

    def handle(self, *, name: str, **options: Any) -> None:
        work_from("disable_staff")
        disabled = expect(asyncio.run(container.operator.use(DisableStaff)(name=name)))
        console.print(f"{disabled.name} is let in no more.", markup=False)
