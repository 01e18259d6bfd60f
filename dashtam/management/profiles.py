"""CSV profiles on the command line."""

import json
from typing import Any

from django.core.management.base import CommandError
from rich.table import Table
from rich.text import Text

from dashtam.api.ledger.csv_profiles import CsvProfileBody
from dashtam.container import container
from domain.ledger.hints import CsvProfile
from domain.shared.ids import ProfileId, UserId
from domain.shared.result import Failure


async def find_csv_profile(name: str, user_id: UserId) -> ProfileId:
    """Return the user's profile of this name, or end the command."""
    async with container.ports.unit_of_work(owner=user_id):
        profiles = await container.ports.csv_profiles.all(owner=user_id)
    if isinstance(profiles, Failure):
        raise CommandError(profiles.error.detail)
    found = next((each.id for each in profiles.value if each.name == name), None)
    if found is None:
        raise CommandError("The user has no CSV profile with this name.")
    return found


def profile_document(profile: CsvProfile) -> dict[str, Any]:
    return CsvProfileBody.of(profile).model_dump(mode="json")


def profile_table(profile: CsvProfile) -> Table:
    """Return the profile that a file was read by: columns by number and header, and formats."""
    table = Table("What", "How", title="CSV profile", title_justify="left")
    written = profile_document(profile)
    columns = written.pop("columns")
    header = written.pop("header")
    for what, how in written.items():
        table.add_row(what, Text(json.dumps(how)))
    for what, at in sorted(columns.items(), key=lambda column: column[1]):
        table.add_row(what, Text(f"#{at + 1} {header[at]}" if at < len(header) else f"#{at + 1}"))
    return table
