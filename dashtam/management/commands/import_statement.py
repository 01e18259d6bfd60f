"""Import statement files into a user's ledger."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashtam.application.ledger.import_statement import ImportStatementError
from dashtam.console import console, import_row, imports_table, work_from
from dashtam.container import container
from dashtam.management.hints import add_hints, hints_of
from dashtam.management.profiles import find_csv_profile
from domain.identity.values import Email
from domain.ledger.errors import UnreadableStatement
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import StatementImport
from domain.shared.errors import Interrupted, Unavailable
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Failure, Result


class Command(BaseCommand):
    """Imports each file in a transaction of its own, and goes on after one that is refused."""

    help = "Import statement files into a user's ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--user", required=True, metavar="EMAIL", help="whose ledger it is")
        add_hints(parser)
        told = "the user's CSV profile of this name"
        parser.add_argument("--csv-profile", default="", metavar="NAME", help=told)

    def handle(self, *, files: list[Path], user: str, csv_profile: str, **options: Any) -> None:
        work_from("import_statement")
        refused = asyncio.run(_import_all(files, user, hints_of(options), csv_profile))
        if refused:
            raise CommandError(f"{refused} of {len(files)} files could not be imported.")


async def _import_all(files: list[Path], email: str, hints: ReadingHints, csv_profile: str) -> int:
    user_id = await _find_user(email)
    profile_id = await find_csv_profile(csv_profile, user_id) if csv_profile else None
    table = imports_table("Imports")
    results = [(path.name, await import_file(path, user_id, hints, profile_id)) for path in files]
    for name, result in results:
        table.add_row(*import_row(name, result))
    await container.drain()
    console.print(table)
    return sum(isinstance(result, Failure) for _, result in results)


async def _find_user(email: str) -> UserId:
    address = Email.parse(email)
    if isinstance(address, Failure):
        raise CommandError(address.error.detail)
    found = await container.users.get_by_email(address.value)
    if isinstance(found, Failure):
        raise CommandError(found.error.detail)
    return found.value.id


async def import_file(
    path: Path,
    user_id: UserId,
    hints: ReadingHints = NO_HINTS,
    csv_profile_id: ProfileId | None = None,
) -> Result[StatementImport, ImportStatementError]:
    """Import one file of this machine."""
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        return Failure(UnreadableStatement(f"The file cannot be read: {error.strerror}."))
    try:
        return await container.import_statement(
            user_id=user_id,
            file_name=path.name,
            content=content,
            hints=hints,
            csv_profile_id=csv_profile_id,
        )
    except Interrupted as error:
        again = "Import the file again: nothing is entered twice."
        return Failure(Unavailable(f"{error} {again}"))
