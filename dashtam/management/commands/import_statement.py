"""Import statement files into a user's ledger."""

import asyncio
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.text import Text

from dashtam.application.ledger.import_pipeline import ImportPipeline, PipelineError
from dashtam.application.ledger.progress import NO_PROGRESS, Progress
from dashtam.console import console, import_row, imports_table, set_command_origin
from dashtam.container import container
from dashtam.management.hints import add_hints, answers_wanted, hints_of
from dashtam.management.people import add_user, find_user
from dashtam.management.profiles import find_csv_profile
from dashtam.progress_bar import rows_bar
from domain.ledger.errors import UnreadableStatement
from domain.ledger.hints import ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.shared.errors import OutcomeUnknown, Unavailable
from domain.shared.ids import AccountId
from domain.shared.result import Failure, Result


class Command(BaseCommand):
    """Imports each file in a transaction of its own, and continues after one that is refused."""

    help = "Import statement files into a user's ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--account-id", type=UUID, metavar="ID", help="the account that the files are for"
        )
        add_user(parser)
        add_hints(parser)
        text = "the user's CSV profile of this name"
        parser.add_argument("--csv-profile", default="", metavar="NAME", help=text)

    def handle(
        self,
        *,
        files: list[Path],
        user: str,
        account_id: UUID | None = None,
        csv_profile: str = "",
        **options: Any,
    ) -> None:
        set_command_origin("import_statement")
        into = AccountId(account_id) if account_id else None
        refused = asyncio.run(_import_all(files, user, hints_of(options), into, csv_profile))
        if refused:
            raise CommandError(f"{refused} of {len(files)} files could not be imported.")


async def _import_all(
    files: list[Path],
    email: str,
    hints: ReadingHints,
    account_id: AccountId | None,
    csv_profile: str,
) -> int:
    user_id = await find_user(email)
    profile_id = await find_csv_profile(csv_profile, user_id) if csv_profile else None
    table = imports_table("Imports")
    request = partial(
        ImportRequest,
        user_id=user_id,
        hints=hints,
        account_id=account_id,
        csv_profile_id=profile_id,
    )
    with rows_bar() as bar:
        results = [await import_file(path, request, bar) for path in files]
    for path, result in zip(files, results, strict=True):
        table.add_row(*import_row(path.name, result))
    await container.drain()
    console.print(table)
    for path, result in zip(files, results, strict=True):
        if isinstance(result, Failure) and (wanted := answers_wanted(result.error)):
            console.print(Text("\n  ".join([f"To import {path.name}, answer with:", *wanted])))
    return sum(isinstance(result, Failure) for result in results)


async def import_file(
    path: Path, request: Callable[..., ImportRequest], progress: Progress = NO_PROGRESS
) -> Result[StatementImport, PipelineError]:
    """Import a local file; `request` makes an import request from its name and content."""
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        return Failure(UnreadableStatement(f"The file cannot be read: {error.strerror}."))
    try:
        submitted = request(file_name=path.name, content=content)
        return await container.use(ImportPipeline)(submitted, progress)
    except OutcomeUnknown as error:
        again = "Import the file again: nothing is entered twice."
        return Failure(Unavailable(f"{error} {again}"))
