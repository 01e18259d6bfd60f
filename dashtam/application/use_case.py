"""What every use case works with."""

from collections.abc import Awaitable, Callable
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


async def in_turn(
    *writes: Callable[[], Awaitable[Result[None, Unavailable]]],
) -> Result[None, Unavailable]:
    """Write one after the other, until one fails."""
    for write in writes:
        written = await write()
        if isinstance(written, Failure):
            return written
    return Success(None)
