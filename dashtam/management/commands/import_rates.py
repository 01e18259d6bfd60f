"""Import exchange rates for a user."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashtam.application.ledger.exchange_rates import ImportExchangeRates
from dashtam.console import console, expect, set_command_origin
from dashtam.container import container
from dashtam.management.people import find_user
from domain.ledger.exchange_rates import ImportedRates
from domain.shared.errors import OutcomeUnknown


class Command(BaseCommand):
    """Reads a file that was downloaded from the European Central Bank: nothing is fetched."""

    help = "Import exchange rates from a file of the ECB: eurofxref-hist.csv, .zip or .xml."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--user", required=True, metavar="EMAIL", help="the user's email")

    def handle(self, *, file: Path, user: str, **options: Any) -> None:
        set_command_origin("import_rates")
        try:
            with file.open("rb") as opened:
                content = opened.read(settings.IMPORT_MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        if len(content) > settings.IMPORT_MAX_BYTES:
            raise CommandError(f"{file} is too large.")
        done = asyncio.run(_import(user, content))
        console.print(f"{done.rates} rates of {done.days} days, {done.first_day} – {done.last_day}")


async def _import(email: str, content: bytes) -> ImportedRates:
    user_id = await find_user(email)
    try:
        return expect(await container.use(ImportExchangeRates)(user_id=user_id, content=content))
    except OutcomeUnknown as error:
        raise CommandError(str(error)) from None
