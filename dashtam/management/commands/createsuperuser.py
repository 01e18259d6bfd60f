"""Django's way to make a user, closed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Would write past the audit trail, which the database refuses anyway."""

    help = "Refused: staff are added by add_staff."

    def handle(self, **options: Any) -> None:
        raise CommandError("Staff are added by manage.py add_staff NAME --role ROLE.")
