"""Make the years that the audit trail needs."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from adapters.persistence.plain import connect
from dashtam.console import console

_HAVE = "SELECT year FROM guard.audit_year WHERE year = ANY(%s)"


class Command(BaseCommand):
    """For the scheduler, daily: an entry of a year without a partition would be refused."""

    help = "Make the partitions of the audit trail for this year and the next."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only fail when one is missing")

    def handle(self, *, check: bool, **options: Any) -> None:
        if not check:
            for year in extend():
                console.print(f"{year} was added.")
        missing = _missing()
        if missing:
            years = ", ".join(map(str, missing))
            raise CommandError(f"The audit trail has no partition for {years}: run extend_audit.")


def extend() -> list[int]:
    """Make what is missing; return which years that were."""
    added = _missing()
    with connect() as connection:
        for year in added:
            connection.execute("SELECT guard.add_audit_year(%s)", (year,))
    return added


def _missing() -> list[int]:
    this_year = datetime.now(UTC).year
    needed = [this_year, this_year + 1]
    with connect() as connection:
        have = {year for (year,) in connection.execute(_HAVE, (needed,))}
    return [year for year in needed if year not in have]
