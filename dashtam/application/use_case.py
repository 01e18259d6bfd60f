"""What every use case works with."""

from dataclasses import dataclass
from typing import TypeVar

from domain.audit.ports import AuditTrail
from domain.shared.errors import NotFound, Unavailable
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """A use case. Decorate its methods with `audit_failures`, to record when they fail."""

    clock: Clock
    unit_of_work: UnitOfWorkFactory
    audit_trail: AuditTrail


def or_none(found: Result[T, NotFound | Unavailable]) -> Result[T | None, Unavailable]:
    """Return None where there is nothing, if that is no failure."""
    if isinstance(found, Success):
        return found
    return Success(None) if isinstance(found.error, NotFound) else Failure(found.error)
