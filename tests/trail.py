"""What the trail tells of, whether each has an entry of its own or is counted."""

import json

from adapters.persistence.audit.models import AuditEntryModel
from dashtam.container import container
from tests.adapters.persistence.roles import value

_COUNTED = """
SELECT coalesce(sum(count), 0) FROM audit_repetition
WHERE said::jsonb @> jsonb_build_object('action', %s::text, 'details', %s::jsonb)
"""


async def times_told(action: str, **details: str) -> int:
    """Return how often something happened, by the entries and by what is still counted."""
    entries = AuditEntryModel.objects.filter(action=action, details__contains=details)
    entered = sum([each.details.get("repeated", 1) async for each in entries])
    counted = await container.database.run(value, _COUNTED, action, json.dumps(details))
    return int(entered + counted)
