"""Django's way to change a password, closed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Would write past the audit trail, which the database refuses anyway."""

    help = "Refused: staff change theirs in the admin, or by reset_staff."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?")

    def handle(self, **options: Any) -> None:
        raise CommandError(
            "Staff change theirs in the admin; manage.py reset_staff NAME resets it."
        )
