"""Know what was imported by another scheme of fingerprints too."""

import asyncio
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.table import Table

from adapters.persistence.ledger.repositories import owners_of_imports
from adapters.security.envelope import Unopenable
from dashtam.application.ledger.add_fingerprints import AddedFingerprints
from dashtam.console import console, expect, work_from
from dashtam.container import container
from dashtam.management.people import find_user
from domain.shared.errors import Interrupted
from domain.shared.ids import UserId


class Command(BaseCommand):
    """May be ended at any moment and run again: each import is a transaction."""

    help = "Add the identities that a scheme of fingerprints gives to all that was imported."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scheme", type=int, required=True, metavar="N", help="its number")
        parser.add_argument("--user", metavar="EMAIL", help="of this user alone")

    def handle(self, *, scheme: int, user: str | None, **options: Any) -> None:
        work_from("add_fingerprints")
        if scheme not in container.fingerprint_schemes:
            known = ", ".join(map(str, sorted(container.fingerprint_schemes)))
            raise CommandError(f"There is no scheme {scheme}. Known: {known}.")
        users = [asyncio.run(find_user(user))] if user else list(map(UserId, owners_of_imports()))
        done = asyncio.run(_add(users, scheme))
        _show(done)
        differing = sum(len(each.differing) for each in done.values())
        if differing:
            raise CommandError(f"{differing} files read otherwise than they did: nothing added.")


async def _add(users: Sequence[UserId], scheme: int) -> dict[UserId, AddedFingerprints]:
    done = {}
    for user_id in users:
        try:
            done[user_id] = expect(await container.add_fingerprints(user_id=user_id, scheme=scheme))
        except Interrupted as error:
            raise CommandError(f"{error} Run it again: it goes on.") from None
        except Unopenable as error:
            raise CommandError(f"A file of user {user_id} cannot be opened: {error}.") from None
    container.database.close()
    return done


def _show(done: dict[UserId, AddedFingerprints]) -> None:
    table = Table("User", title="Fingerprints", title_justify="left")
    for column in ("Imports", "Added", "Differing"):
        table.add_column(column, justify="right")
    for user_id, each in done.items():
        counts = (each.imports, each.added, len(each.differing))
        table.add_row(str(user_id), *map(str, counts))
    console.print(table)
    for each in done.values():
        for import_id in each.differing:
            console.print(f"differs: import {import_id}", soft_wrap=True)
