"""Export the audit trail."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from adapters.audit.export import Forged, NothingToExport
from dashtam import custody
from dashtam.console import console


class Command(BaseCommand):
    """Writes what is sealed: the archive holds a script that verifies it without Dashtam."""

    help = "Write the audit trail, or the checkpoints of one year, as a signed archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="ARCHIVE.zip")
        parser.add_argument("--year", type=int)

    def handle(self, *, path: Path, year: int | None, **options: Any) -> None:
        if path.exists():
            raise CommandError(f"{path} already exists.")
        try:
            done = custody.exporter().export(path, year)
        except (Forged, NothingToExport) as error:
            raise CommandError(str(error)) from None
        console.print(f"{done.entries} entries under checkpoints {done.first} to {done.last}.")
        console.print(f"SHA-256 {done.sha256.hex()}")
