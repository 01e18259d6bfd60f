"""Facts about people who leave, and about all that is theirs."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.shared.events import DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class UserClosed(DomainEvent):
    """A user closed their account; what it holds is erased when the days of grace are over."""

    name = "user.deleted"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class UserRestored(DomainEvent):
    """A user took back within the days of grace that they closed their account."""

    name = "user.kept"
    resource = ResourceType.USER


@dataclass(frozen=True, kw_only=True)
class UserErased(DomainEvent):
    """Nothing is left of a user but what the trail tells by their id: so many rows are gone."""

    name = "user.erased"
    resource = ResourceType.USER

    rows: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class ExpiredDataPurged(DomainEvent):
    """What was past its time is gone: sessions that are over, tokens that are worth nothing."""

    name = "user.swept"
    resource = ResourceType.USER
    announced = False

    rows: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class UserExported(DomainEvent):
    """A user got everything that is theirs as a file: so many rows of tables, so many files."""

    name = "user.exported"
    resource = ResourceType.USER
    announced = False

    count: int
    files: int
