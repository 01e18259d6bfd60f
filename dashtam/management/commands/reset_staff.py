"""Reset the password and second factor of a member of staff."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.application.staff.manage_staff import ResetStaff
from dashtam.console import console, expect, set_command_origin
from dashtam.container import container
from dashtam.management.passwords import read_password


class Command(BaseCommand):
    """Reset the access of a member of staff, which ends their sessions at once."""

    help = "Set a new password for a member of staff, and remove their second factor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name they log in with")

    def handle(self, *, name: str, **options: Any) -> None:
        set_command_origin("reset_staff")
        resetting = container.operator.use(ResetStaff)(name=name, password=read_password())
        member = expect(asyncio.run(resetting))
        outcome = "enrols a second factor at the next log-in"
        if not member.is_active:
            outcome = "has a new password, but is still disabled"
        console.print(f"{member.name} {outcome}.", markup=False)
