"""Retry a use case whose transaction lost against another one."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from dashtam.application.use_case import UseCase
from domain.shared.errors import ConcurrencyConflict, OutcomeUnknown

P = ParamSpec("P")
R = TypeVar("R")
U = TypeVar("U", bound=UseCase)

MOST_ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.02


def retry_on_conflict(
    use_case: Callable[Concatenate[U, P], Awaitable[R]],
) -> Callable[Concatenate[U, P], Coroutine[Any, Any, R]]:
    """Repeat after a deadlock or a serialisation failure, up to four attempts in all.

    For use cases whose every effect is in their unit of work: what was rolled back left no trace.
    """

    @wraps(use_case)
    async def attempted(self: U, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, MOST_ATTEMPTS):
            try:
                return await use_case(self, *args, **kwargs)
            except ConcurrencyConflict:
                # Random delays keep the same transactions from colliding again.
                await asyncio.sleep(random.random() * FIRST_PAUSE_SECONDS * 2**attempt)  # noqa: S311
        try:
            return await use_case(self, *args, **kwargs)
        except ConcurrencyConflict as error:
            raise OutcomeUnknown("Too many changes at once. Try again in a moment.") from error

    return attempted
