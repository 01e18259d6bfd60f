"""Put what is sealed under the key in use."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.progress import track

from adapters.persistence.connections.vault import owners_to_rotate
from adapters.persistence.identity.second_factors import owners_of_factors_to_rotate
from adapters.persistence.ledger.files import owners_of_files_to_rotate
from adapters.persistence.ledger.previews import owners_of_previews_to_rotate
from adapters.persistence.staff.repositories import factors_to_rotate
from adapters.security.envelope import Unopenable
from dashtam.application.connections.rotate_keys import RotateKeys
from dashtam.application.staff.second_factors import RotateStaffKeys
from dashtam.console import console, expect, work_from
from dashtam.container import container
from domain.shared.ids import UserId
from domain.shared.result import Failure


class Command(BaseCommand):
    """May be ended at any moment and run again: each user is a transaction."""

    help = "Wrap all credentials, files and second factors with the first of CREDENTIAL_KEYS."

    def handle(self, **options: Any) -> None:
        work_from("rotate_keys")
        owners = _owners()
        count = asyncio.run(_rotate(owners))
        console.print(f"{count} secrets and files of {len(owners)} users were rewrapped.")
        factors = asyncio.run(_rotate_factors())
        console.print(f"{factors} second factors of staff were rewrapped.")
        if _owners() or factors_to_rotate(container.keyring.primary):
            raise CommandError("Some are still under another key: run it again.")


def _owners() -> list[UUID]:
    primary = container.keyring.primary
    lists = (
        owners_to_rotate,
        owners_of_files_to_rotate,
        owners_of_previews_to_rotate,
        owners_of_factors_to_rotate,
    )
    return sorted({owner for each in lists for owner in each(primary)})


async def _rotate(owners: Sequence[UUID]) -> int:
    count = 0
    for owner in track(owners, "Users", console=console, transient=True):
        try:
            done = await container.use(RotateKeys)(user_id=UserId(owner))
        except Unopenable as error:
            raise CommandError(
                f"What is sealed for user {owner} cannot be opened: {error}."
            ) from None
        if isinstance(done, Failure):
            raise CommandError(done.error.detail)
        count += done.value
    container.database.close()
    return count


async def _rotate_factors() -> int:
    try:
        done = await container.staff.use(RotateStaffKeys)()
    except Unopenable as error:
        raise CommandError(f"A second factor of staff cannot be opened: {error}.") from None
    container.staff_database.close()
    return expect(done)
