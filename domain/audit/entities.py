"""Audit entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from domain.audit.origin import Origin
from domain.shared.events import Actor, AuditResult, DomainEvent, Fact, ResourceType

#: Details that say for whom or why: entries that differ in one of these are not alike.
WHY = ("api_token_id", "error", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what, to which resource, with which outcome, when and from where.

    Of repeatable entries with the same `repetition_group`, only the first within a minute is
    stored. The others are counted, and when the minute is over one more entry says how many they
    were.
    """

    id: UUID
    action: str
    actor: Actor
    resource: ResourceType
    resource_id: UUID | None
    result: AuditResult
    occurred_at: datetime
    origin: Origin
    details: Mapping[str, Any]
    is_repeatable: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, fact: Fact, came_from: Origin) -> Self:
        """Make the entry of a fact, with the origin of the work."""
        record = fact.record if isinstance(fact, DomainEvent) else fact
        details = {name: _plain(value) for name, value in record.details.items()}
        return cls(
            id=record.id,
            action=record.action.name,
            actor=record.actor,
            resource=record.action.resource,
            resource_id=record.subject_id,
            result=record.action.result,
            occurred_at=record.occurred_at,
            origin=came_from,
            details={**details, **came_from.details},
            is_repeatable=record.is_repeatable,
        )

    @property
    def repetition_group(self) -> tuple[str, ...]:
        """What entries have in common that are counted together: who, what, to what, from where."""
        group = (
            self.action,
            self.actor.kind,
            self.actor.id,
            self.resource,
            self.resource_id,
            self.result,
            self.origin.ip_address,
            *(self.details.get(name) for name in WHY),
        )
        return tuple("" if each is None else str(each) for each in group)

    def repeated(self, count: int, minute: datetime, *, id: UUID, at: datetime) -> Self:
        """Return an entry that says how many more like this one there were within its minute."""
        why = {name: self.details[name] for name in WHY if name in self.details}
        details = {**why, "first": str(self.id), "minute": minute.isoformat(), "repeated": count}
        return replace(self, id=id, occurred_at=at, details=details, is_repeatable=False)


@dataclass(frozen=True, slots=True)
class Backlog:
    """The number of waiting and of dead events, and the age of the oldest in each lane."""

    waiting: int
    dead: int
    lags: Mapping[str, float]


def _plain(value: object) -> object:
    """Convert a detail to what JSON can express."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if isinstance(value, int | bool | None) else str(value)
