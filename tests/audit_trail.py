"""The content of the trail, including entries that are still only counted."""

import json

from adapters.audit.models import AuditEntryModel
from dashtam.container import container
from tests.adapters.persistence.roles import rows

_COUNTED = "SELECT key, said, count FROM audit_repetition"


async def times_recorded(action: str, **details: str) -> int:
    """Return how often something happened, by the entries and by the counters."""
    entries = AuditEntryModel.objects.filter(action=action, details__contains=details)
    entry_list = sum([each.details.get("repeated", 1) async for each in entries])
    counted = 0
    for key, encrypted, count in await container.database.run(rows, _COUNTED):
        said = json.loads(container.mac_keys.decrypt(bytes(key), bytes(encrypted)) or "{}")
        if said["action"] == action and details.items() <= said["details"].items():
            counted += count
    return int(entry_list + counted)
