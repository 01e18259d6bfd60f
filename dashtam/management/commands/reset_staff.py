"""Help somebody of the staff who lost what proves them."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.application.staff.manage_staff import ResetStaff
from dashtam.console import console, expect, work_from
from dashtam.container import container
from dashtam.management.passwords import read_password


class Command(BaseCommand):
    """Ends their sessions at once, and leaves an audit entry."""

    help = "Give somebody of the staff a new password, and take their second factor away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what they log in as")

    def handle(self, *, name: str, **options: Any) -> None:
        work_from("reset_staff")
        resetting = container.operator.use(ResetStaff)(name=name, password=read_password())
        member = expect(asyncio.run(resetting))
        told = "enrols a second factor at the next log-in"
        if not member.is_active:
            told = "has a new password, and is let in no more all the same"
        console.print(f"{member.name} {told}.", markup=False)
