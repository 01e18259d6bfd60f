"""Add a member of staff."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.application.staff.manage_staff import AddStaff
from dashtam.console import console, expect, set_command_origin
from dashtam.container import container
from dashtam.management.passwords import read_password
from dashtam.management.roles import ensure_migrated
from domain.staff.values import StaffRole


class Command(BaseCommand):
    """Add a member of staff, who enrols a second factor at the first log-in."""

    help = "Add a member of staff, who can then log in to the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name to log in with")
        roles = [role.value for role in StaffRole]
        parser.add_argument("--role", required=True, choices=roles, help="the role of the member")

    def handle(self, *, name: str, role: str, **options: Any) -> None:
        ensure_migrated()
        set_command_origin("add_staff")
        adding = container.operator.use(AddStaff)(
            name=name, role=StaffRole(role), password=read_password()
        )
        added = expect(asyncio.run(adding))
        console.print(f"{added.name} was added to the staff as {added.role}.", markup=False)
