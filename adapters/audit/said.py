"""An entry as text, kept for as long as others like it are counted."""

import json
from datetime import datetime
from uuid import UUID

from domain.audit.entities import WHY, AuditEntry
from domain.audit.origin import Origin
from domain.shared.events import Actor, ActorKind, AuditResult, ResourceType


def said_by(entry: AuditEntry) -> str:
    """Write down what another entry like it will say."""
    came_from, details = entry.origin, entry.details
    said = {
        "id": str(entry.id),
        "action": entry.action,
        "actor": [entry.actor.kind, entry.actor.id and str(entry.actor.id)],
        "resource": [entry.resource, entry.resource_id and str(entry.resource_id)],
        "result": entry.result,
        "at": entry.occurred_at.isoformat(),
        "origin": [came_from.trace_id, came_from.ip_address, came_from.user_agent],
        "details": {name: details[name] for name in WHY if name in details},
    }
    return json.dumps(said)


def read(text: str) -> AuditEntry:
    """Return the entry, with as much of its details as others like it share."""
    said = json.loads(text)
    kind, actor_id = said["actor"]
    resource, resource_id = said["resource"]
    return AuditEntry(
        id=UUID(said["id"]),
        action=said["action"],
        actor=Actor(ActorKind(kind), actor_id and UUID(actor_id)),
        resource=ResourceType(resource),
        resource_id=resource_id and UUID(resource_id),
        result=AuditResult(said["result"]),
        occurred_at=datetime.fromisoformat(said["at"]),
        origin=Origin(*said["origin"]),
        details=said["details"],
    )
