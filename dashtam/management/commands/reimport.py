"""Import the stored file of an earlier import again."""

import asyncio
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from dashtam.application.ledger.import_queries import ShowImport
from dashtam.application.ledger.submit_import import ReimportStatement
from dashtam.console import console, expect, import_row, imports_table, set_command_origin
from dashtam.container import container
from dashtam.management.people import add_user, find_user
from domain.ledger.imports import StatementImport
from domain.shared.errors import OutcomeUnknown
from domain.shared.ids import ImportId
from domain.shared.result import Success


class Command(BaseCommand):
    """Imports the same bytes again with the same hints; no transaction is added twice."""

    help = "Import the stored file of an earlier import again, with the same hints."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("import_id", type=UUID, metavar="IMPORT_ID")
        add_user(parser)

    def handle(self, *, import_id: UUID, user: str, **options: Any) -> None:
        set_command_origin("reimport")
        try:
            done = asyncio.run(_reimport(ImportId(import_id), user))
        except OutcomeUnknown as error:
            raise CommandError(f"{error} Try again: nothing is entered twice.") from None
        table = imports_table("Imports")
        table.add_row(*import_row(done.file_name or str(done.id), Success(done)))
        console.print(table)
        if done.error:
            raise CommandError("The file could not be imported.")


async def _reimport(import_id: ImportId, email: str) -> StatementImport:
    user_id = await find_user(email)
    submitted = expect(await container.use(ReimportStatement)(import_id=import_id, user_id=user_id))
    # A large file is queued: process it here, unless a relay is quicker.
    await container.drain()
    if not submitted.is_waiting:
        return submitted
    return expect(await container.use(ShowImport)(import_id=submitted.id, user_id=user_id))
