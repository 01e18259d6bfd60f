"""Take somebody into the staff."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dashtam.application.staff.manage_staff import AddStaff
from dashtam.console import console, expect, work_from
from dashtam.container import container
from dashtam.management.passwords import read_password
from dashtam.management.roles import ensure_migrated
from domain.staff.values import StaffRole


class Command(BaseCommand):
    """Leaves an audit entry; the second factor is enrolled when they first log in."""

    help = "Add somebody to the staff, who then logs in to the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what they log in as")
        roles = [role.value for role in StaffRole]
        parser.add_argument("--role", required=True, choices=roles, help="what they are there for")

    def handle(self, *, name: str, role: str, **options: Any) -> None:
        ensure_migrated()
        work_from("add_staff")
        adding = container.operator.use(AddStaff)(
            name=name, role=StaffRole(role), password=read_password()
        )
        added = expect(asyncio.run(adding))
        console.print(f"{added.name} is on the staff: {added.role}.", markup=False)
