"""The ports that all features share."""

from datetime import datetime
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from domain.shared.events import DomainEvent, Fact


class Clock(Protocol):
    """The present time, with its zone."""

    def now(self) -> datetime: ...


class UnitOfWork(Protocol):
    """A transaction that ends with a commit, which says what happened, or with a rollback."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def commit(self, fact: Fact, *more: Fact) -> None:
        """Commit the changes, an audit entry for each fact, and the events: all or nothing."""


class UnitOfWorkFactory(Protocol):
    """Begins a unit of work on the rows of one user; without an owner, on those of nobody.

    In a `snapshot`, everything that is read is of one moment: what others commit meanwhile is not
    visible.
    """

    def __call__(self, *, owner: UUID | None = None, snapshot: bool = False) -> UnitOfWork: ...


class EventPublisher(Protocol):
    """Publishes events to their reactions once they are committed."""

    async def publish(self, *events: DomainEvent) -> None: ...
