"""Facts: what happened, to what, by whom, when. All are audited; events are published too."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import ClassVar, TypeAlias
from uuid import UUID

from domain.shared.ids import new_id


class ActorKind(StrEnum):
    """The kinds of actors."""

    USER = "user"
    STAFF = "staff"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. Only users and staff have an id."""

    kind: ActorKind
    id: UUID | None = None

    @classmethod
    def user(cls, user_id: UUID) -> "Actor":
        return cls(ActorKind.USER, user_id)

    @classmethod
    def staff(cls, staff_id: UUID) -> "Actor":
        return cls(ActorKind.STAFF, staff_id)


SYSTEM = Actor(ActorKind.SYSTEM)
ANONYMOUS = Actor(ActorKind.ANONYMOUS)


class ResourceType(StrEnum):
    """The kinds of resources."""

    USER = "user"
    SESSION = "session"
    API_TOKEN = "api_token"  # noqa: S105  # what it is, not one
    SECOND_FACTOR = "second_factor"
    CONNECTION = "connection"
    ACCOUNT = "account"
    TRANSACTION = "transaction"
    IMPORT = "import"
    TRANSFER = "transfer"
    MATCH = "match"
    CATEGORY = "category"
    RULE = "rule"
    RULE_APPLICATION = "rule_application"
    CSV_PROFILE = "csv_profile"
    EXCHANGE_RATE = "exchange_rate"
    CONNECTED_APP = "connected_app"
    AUDIT_TRAIL = "audit_trail"
    EVENT = "event"
    STAFF = "staff"


class AuditResult(StrEnum):
    """The outcome of an action: done, failed, or denied."""

    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Action:
    """An action that is audited when it is done.

    Its `name` is stored and never changes. `details` are the keys of the entry's details, in order;
    they are stored as well. Details contain ids and counts, never secrets or personal text.
    """

    name: str
    resource: ResourceType
    details: tuple[str, ...] = ()
    result: AuditResult = AuditResult.SUCCESS
    #: Whether repetitions within a minute are only counted: see `AuditEntry.is_repeatable`.
    repeats: bool = False
    #: Only with these values of the detail `reason`.
    repeats_for: tuple[str, ...] = ()

    def record(
        self, *, subject_id: UUID | None, actor: Actor, occurred_at: datetime, **details: object
    ) -> "AuditRecord":
        """Record that the action was done."""
        if tuple(details) != self.details:
            raise TypeError(f"The details of {self.name} are {self.details}, not {tuple(details)}.")
        return AuditRecord(
            action=self,
            subject_id=subject_id,
            actor=actor,
            occurred_at=occurred_at,
            details=details,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """An action that was done: audited, but not published."""

    action: Action
    subject_id: UUID | None
    actor: Actor
    occurred_at: datetime
    details: Mapping[str, object]
    id: UUID = field(default_factory=new_id)

    @property
    def is_repeatable(self) -> bool:
        """Whether repetitions within a minute are only counted."""
        return self.action.repeats or self.details.get("reason") in self.action.repeats_for


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Something that others react to: audited and published.

    Its `name` is stored and never changes; its own fields are the details of its audit entry.
    """

    name: ClassVar[str]
    resource: ClassVar[ResourceType]
    result: ClassVar[AuditResult] = AuditResult.SUCCESS

    subject_id: UUID | None
    actor: Actor
    occurred_at: datetime
    event_id: UUID = field(default_factory=new_id)

    @classmethod
    @cache
    def action(cls) -> Action:
        """Return the action of the audit entry."""
        common = {each.name for each in fields(DomainEvent)}
        details = tuple(each.name for each in fields(cls) if each.name not in common)
        return Action(cls.name, cls.resource, details, cls.result)

    @property
    def record(self) -> AuditRecord:
        """Return the audit record of the event."""
        action = self.action()
        return AuditRecord(
            id=self.event_id,
            action=action,
            subject_id=self.subject_id,
            actor=self.actor,
            occurred_at=self.occurred_at,
            details={name: getattr(self, name) for name in action.details},
        )


#: What a commit records. Only events are published.
Fact: TypeAlias = AuditRecord | DomainEvent
