"""Re-encrypt all secrets and files with the key in use."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.progress import track

from adapters.persistence.sealing import owners_to_rotate
from adapters.persistence.staff.repositories import factors_to_rotate
from adapters.security.envelope import Unopenable
from dashtam.application.connections.rotate_keys import RotateKeys
from dashtam.application.staff.second_factors import RotateStaffKeys
from dashtam.console import console, expect, set_command_origin
from dashtam.container import container
from domain.shared.ids import UserId
from domain.shared.result import Failure


class Command(BaseCommand):
    """It may be stopped at any time and repeated: each user is a transaction."""

    help = "Re-encrypt all credentials, files and second factors with the first of CREDENTIAL_KEYS."

    def handle(self, **options: Any) -> None:
        set_command_origin("rotate_keys")
        primary = container.keyring.primary
        owners = owners_to_rotate(primary)
        count = asyncio.run(_rotate(owners))
        console.print(f"{count} secrets and files of {len(owners)} users were re-encrypted.")
        factors = asyncio.run(_rotate_factors())
        console.print(f"{factors} second factors of staff were re-encrypted.")
        if owners_to_rotate(primary) or factors_to_rotate(primary):
            raise CommandError("Some still use another key: run the command again.")


async def _rotate(owners: Sequence[UUID]) -> int:
    count = 0
    for owner in track(owners, "Users", console=console, transient=True):
        try:
            done = await container.use(RotateKeys)(user_id=UserId(owner))
        except Unopenable as error:
            raise CommandError(
                f"A secret or file of user {owner} cannot be decrypted: {error}."
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
        raise CommandError(f"A second factor of staff cannot be decrypted: {error}.") from None
    container.staff_database.close()
    return expect(done)
