"""Retire a year of the audit trail."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from adapters.audit.retire import NotRetired, retire
from dashtam import custody
from dashtam.console import console, work_from
from dashtam.container import container


class Command(BaseCommand):
    """Nothing younger than seven years, nothing unsealed, nothing without an export that holds."""

    help = "Take a year out of the audit trail; its table stays, detached, until it is dropped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--export", type=Path, required=True, metavar="ARCHIVE.zip")

    def handle(self, *, year: int, export: Path, **options: Any) -> None:
        work_from("retire_audit")
        trail, now = container.audit_trail, container.ports.clock.now()
        try:
            keys = custody.public_keys()
            count = retire(year, export, trail, keys, container.mac_keys, at=now)
        except NotRetired as error:
            raise CommandError(str(error)) from None
        console.print(f"{year} is retired: {count} entries. The table audit_entry_{year} is left.")
