"""Restore a backup."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from adapters.persistence.guard.bootstrap import NotEmpty, NotSuperuser
from adapters.postgres_tools import ToolFailed, ToolMissing, restore
from dashtam.console import console, work_from
from dashtam.container import container


class Command(BaseCommand):
    """Into a new database alone: what is there already is never overwritten."""

    help = "Read a backup into a new database, as a superuser; then verify_audit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE")

    def handle(self, *, path: Path, **options: Any) -> None:
        if not path.exists():
            raise CommandError(f"There is no {path}.")
        try:
            work_from("restore")
            number = restore(os.environ["DATABASE_URL"], path, container.mac_keys)
        except (NotEmpty, NotSuperuser, ToolFailed, ToolMissing) as error:
            raise CommandError(str(error)) from None
        except psycopg.OperationalError:
            raise CommandError("The database does not answer.") from None
        console.print(f"Restored. Transactions are numbered above {number}. Now: verify_audit.")
