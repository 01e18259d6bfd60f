"""The record of who did what."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from domain.audit.origin import Origin
from domain.shared.events import Actor, AuditResult, DomainEvent, ResourceType


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what, on which resource, with what outcome, when and from where."""

    id: UUID
    action: str
    actor: Actor
    resource: ResourceType
    resource_id: UUID | None
    result: AuditResult
    occurred_at: datetime
    origin: Origin
    details: Mapping[str, Any]

    @classmethod
    def of(cls, event: DomainEvent, came_from: Origin) -> Self:
        """Record a fact."""
        return cls(
            id=event.event_id,
            action=event.name,
            actor=event.actor,
            resource=event.resource,
            resource_id=event.subject_id,
            result=event.result,
            occurred_at=event.occurred_at,
            origin=came_from,
            details={**details_of(event), **came_from.details},
        )


@dataclass(frozen=True, slots=True)
class Backlog:
    """Facts on their way, facts that were given up, and the age of the oldest of each lane."""

    waiting: int
    dead: int
    lags: Mapping[str, float]


def details_of(event: DomainEvent) -> dict[str, Any]:
    """Return what the event says beyond what every event says, as JSON can carry it."""
    common = {field.name for field in fields(DomainEvent)}
    return {f.name: _plain(getattr(event, f.name)) for f in fields(event) if f.name not in common}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if isinstance(value, int | bool | None) else str(value)
