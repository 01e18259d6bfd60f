"""Audit entries for commands that fail or are denied."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from dashtam.application.use_case import UseCase
from domain.audit.entities import AuditEntry
from domain.audit.origin import origin
from domain.shared.errors import (
    Crowded,
    DomainError,
    Forbidden,
    OutcomeUnknown,
    TooMany,
    Unauthenticated,
)
from domain.shared.events import AuditResult, ResourceType
from domain.shared.ids import new_id
from domain.shared.result import Failure, Result

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=DomainError)

DENIALS = (Unauthenticated, Forbidden, TooMany)


U = TypeVar("U", bound=UseCase)
Call = Callable[Concatenate[U, P], Awaitable[Result[T, E]]]
RecordedCall = Callable[Concatenate[U, P], Coroutine[Any, Any, Result[T, E]]]


def audit_failures(
    action: str, resource: ResourceType, *, except_for: tuple[type[DomainError], ...] = ()
) -> Callable[[Call[U, P, T, E]], RecordedCall[U, P, T, E]]:
    """Record that an action failed, in a transaction of its own after the rollback.

    The entry names the resource if the use case has its id as an argument: `account_id=…`.
    Leave out the errors that the use case records by an event of its own with `except_for`. What
    is refused again within a minute is counted, except for wrong guesses at secrets.
    """

    def decorate(use_case: Call[U, P, T, E]) -> RecordedCall[U, P, T, E]:
        @wraps(use_case)
        async def recorded(self: U, /, *args: P.args, **kwargs: P.kwargs) -> Result[T, E]:
            subject = kwargs.get(f"{resource}_id")
            refusal = Refusal(
                self, action, resource, subject if isinstance(subject, UUID) else None
            )
            try:
                result = await use_case(self, *args, **kwargs)
            except Exception as error:
                await refusal.record_exception(error)
                raise
            if isinstance(result, Failure) and not isinstance(result.error, except_for):
                denied = isinstance(result.error, DENIALS)
                outcome = AuditResult.DENIED if denied else AuditResult.FAILURE
                is_guess = result.error.is_wrong_guess
                await refusal.record(outcome, result.error.code, repeats=not is_guess)
            return result

        return recorded

    return decorate


class Refusal:
    """What is known of an attempt before its outcome, to audit a failure."""

    def __init__(
        self, use_case: UseCase, action: str, resource: ResourceType, subject: UUID | None
    ) -> None:
        self._use_case = use_case
        self._action = action
        self._resource = resource
        self._subject = subject

    async def record_exception(self, error: Exception) -> None:
        """Record an exception that ended the use case."""
        if isinstance(error, Crowded):
            await self.record(AuditResult.DENIED, "crowded", repeats=True)
        elif isinstance(error, OutcomeUnknown):
            await self.record(AuditResult.FAILURE, "interrupted")
        else:
            await self.record(AuditResult.FAILURE, "internal-error")

    async def record(self, outcome: AuditResult, error: str, *, repeats: bool = False) -> None:
        """Append an entry; with `repeats`, one a minute, and then how many more there were."""
        came_from = origin.get()
        entry = AuditEntry(
            id=new_id(),
            action=self._action,
            actor=came_from.actor,
            resource=self._resource,
            resource_id=self._subject,
            result=outcome,
            occurred_at=self._use_case.clock.now(),
            origin=came_from,
            details={"error": error, **came_from.details},
            is_repeatable=repeats,
        )
        # If the database is down, the entry cannot be written; the outage is logged elsewhere.
        _ = await self._use_case.audit_trail.append(entry)
