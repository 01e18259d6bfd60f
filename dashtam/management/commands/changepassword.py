"""Disables Django's command to change a password."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Django's command would write no audit entry, and the database would refuse it."""

    help = "Disabled: staff change their passwords in the admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?")

    def handle(self, **options: Any) -> None:
        raise CommandError(
            "Staff change their password in the admin; manage.py reset_staff NAME resets it."
        )
