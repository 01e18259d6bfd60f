"""Back the database up."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from adapters.postgres_tools import ToolFailed, ToolMissing, back_up
from dashtam.console import console


class Command(BaseCommand):
    """Holds everything but the keys: those are kept elsewhere, or nothing in it opens."""

    help = "Write the whole database into a file, as a superuser."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")

    def handle(self, *, path: Path, **options: Any) -> None:
        if path.exists():
            raise CommandError(f"{path} is there already.")
        try:
            back_up(os.environ["DATABASE_URL"], path)
        except (ToolFailed, ToolMissing) as error:
            raise CommandError(str(error)) from None
        except psycopg.OperationalError:
            raise CommandError("The database does not answer.") from None
        console.print(f"{path}: {path.stat().st_size:,} bytes. Keep the keys as well, elsewhere.")
