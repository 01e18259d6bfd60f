"""Queries: use cases that read data of one user, and are audited."""

from collections.abc import Callable, Mapping, Sized
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from dashtam.application.audit.refusals import Call, RecordedCall, audit_failures
from dashtam.application.use_case import UseCase
from domain.shared.errors import DomainError
from domain.shared.events import Action, Actor
from domain.shared.result import Failure, Result

U = TypeVar("U", bound=UseCase)
P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=DomainError)


class PageOfItems(Protocol):
    """A page of a list, whatever its cursor."""

    @property
    def items(self) -> Sized: ...


def no_details(_: object) -> Mapping[str, object]:
    """Record no details."""
    return {}


def count(found: Sized) -> Mapping[str, object]:
    """Record how many items were read."""
    return {"count": len(found)}


def count_items(page: PageOfItems) -> Mapping[str, object]:
    """Record how many items were on the page."""
    return {"count": len(page.items)}


def audited_query(
    attempt: str, action: Action, details: Callable[[Any], Mapping[str, object]] = no_details
) -> Callable[[Call[U, P, T, E]], RecordedCall[U, P, T, E]]:
    """Run a use case as a query, and audit the action with these details.

    It is called with `user_id=…` and runs in a transaction on the rows of this user. The subject of
    the action is the resource whose id is an argument: `account_id=…`. A failure is recorded as a
    failed attempt.
    """

    def decorate(read: Call[U, P, T, E]) -> RecordedCall[U, P, T, E]:
        @audit_failures(attempt, action.resource)
        @wraps(read)
        async def query(self: U, /, *args: P.args, **kwargs: P.kwargs) -> Result[T, E]:
            owner, subject = kwargs["user_id"], kwargs.get(f"{action.resource}_id")
            assert isinstance(owner, UUID)
            assert isinstance(subject, UUID | None)
            async with self.unit_of_work(owner=owner) as uow:
                found = await read(self, *args, **kwargs)
                if isinstance(found, Failure):
                    return found
                record = action.record(
                    subject_id=subject,
                    actor=Actor.user(owner),
                    occurred_at=self.clock.now(),
                    **details(found.value),
                )
                await uow.commit(record)
            return found

        return query

    return decorate
