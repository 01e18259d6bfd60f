"""Facts: what happened, to what, by whom, when."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from domain.shared.ids import new_id


class ActorKind(StrEnum):
    """What sort of party acts."""

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
    """What a fact can be about."""

    USER = "user"
    SESSION = "session"
    API_TOKEN = "api_token"  # noqa: S105  # what it is, not one
    SECOND_FACTOR = "second_factor"
    CONNECTION = "connection"
    ACCOUNT = "account"
    TRANSACTION = "transaction"
    IMPORT = "import"
    TRANSFER = "transfer"
    CSV_PROFILE = "csv_profile"
    AUDIT_TRAIL = "audit_trail"
    EVENT = "event"
    STAFF = "staff"


class AuditResult(StrEnum):
    """How it ended: done, failed, or refused for lack of proof or right."""

    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """One fact. Its `name` is stored for years and never changes; its own fields are its details.

    Details carry ids and counts, never secrets or personal text: they end in the audit trail.
    """

    name: ClassVar[str]
    resource: ClassVar[ResourceType]
    result: ClassVar[AuditResult] = AuditResult.SUCCESS
    #: Whether others may react to it. A mere reading is audited and not announced.
    announced: ClassVar[bool] = True
    #: Whether others like it within a minute are only counted: see `AuditEntry.is_repeatable`.
    repeats: ClassVar[bool] = False

    subject_id: UUID | None
    actor: Actor
    occurred_at: datetime
    event_id: UUID = field(default_factory=new_id)

    @property
    def is_repeatable(self) -> bool:
        """Tell whether this one need not be told again within a minute."""
        return self.repeats
