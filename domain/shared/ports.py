"""What every feature needs from the outside."""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from domain.shared.events import DomainEvent


class Clock(Protocol):
    """The time, with its zone."""

    def now(self) -> datetime: ...


class UnitOfWork(Protocol):
    """A transaction that ends in a commit which says what happened, or in a rollback."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def commit(self, event: DomainEvent, *more: DomainEvent) -> None:
        """Keep the changes, their audit entries and their announcements: all or nothing."""


UnitOfWorkFactory: TypeAlias = Callable[[], UnitOfWork]


class EventPublisher(Protocol):
    """Tells those who react to facts, once the facts are committed."""

    async def publish(self, *events: DomainEvent) -> None: ...
