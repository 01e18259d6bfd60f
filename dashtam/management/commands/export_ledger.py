"""Export a user's ledger."""

import asyncio
import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from adapters import private_files
from dashtam.application.ledger.export_ledger import ExportedFile, ExportLedger
from dashtam.console import expect, set_command_origin
from dashtam.container import container
from dashtam.management.people import find_user
from domain.ledger.exports import ExportScope
from domain.shared.errors import OutcomeUnknown
from domain.shared.ids import AccountId


class Command(BaseCommand):
    """Writes to standard output, or to a new file that only its owner can read."""

    help = "Export a user's ledger as CSV, OFX or beancount."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="EMAIL", help="the user's email")
        parser.add_argument(
            "--format",
            required=True,
            choices=container.use(ExportLedger).formats,
            dest="file_format",
        )
        parser.add_argument("--account-id", type=UUID, metavar="ID", help="only this account")
        parser.add_argument("--output", type=Path, metavar="FILE", help="a new file")

    def handle(
        self,
        *,
        user: str,
        file_format: str,
        account_id: UUID | None,
        output: Path | None,
        **options: Any,
    ) -> None:
        set_command_origin("export_ledger")
        if output and output.exists():
            raise CommandError(f"{output} already exists.")
        scope = ExportScope(account_id=AccountId(account_id) if account_id else None)
        file = asyncio.run(_export(user, file_format, scope))
        with file.content as content:
            try:
                _write(content, output)
            except OSError as error:
                raise CommandError(f"The file cannot be written: {error.strerror}.") from None


async def _export(email: str, file_format: str, scope: ExportScope) -> ExportedFile:
    user_id = await find_user(email)
    try:
        return expect(
            await container.use(ExportLedger)(user_id=user_id, format=file_format, scope=scope)
        )
    except OutcomeUnknown as error:
        raise CommandError(str(error)) from None


def _write(content: IO[bytes], output: Path | None) -> None:
    if output is None:
        shutil.copyfileobj(content, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    with private_files.create(output) as file:
        shutil.copyfileobj(content, file)
