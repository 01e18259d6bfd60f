"""Disables Django's command to create a superuser."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Django's command would write no audit entry, and the database would refuse it."""

    help = "Disabled: use add_staff."

    def handle(self, **options: Any) -> None:
        raise CommandError("To add a member of staff, run manage.py add_staff NAME --role ROLE.")
