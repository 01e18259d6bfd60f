"""Retry work whose transaction lost against another one."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from domain.shared.errors import ConcurrencyConflict, OutcomeUnknown

P = ParamSpec("P")
R = TypeVar("R")
U = TypeVar("U")

MOST_ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.02


def retry_on_conflict(
    work: Callable[Concatenate[U, P], Awaitable[R]],
) -> Callable[Concatenate[U, P], Coroutine[Any, Any, R]]:
    """Repeat after a deadlock or a serialisation failure, up to four attempts in all.

    For work whose every effect is in its unit of work: what was rolled back left no trace.
    """

    @wraps(work)
    async def attempted(self: U, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, MOST_ATTEMPTS):
            try:
                return await work(self, *args, **kwargs)
            except ConcurrencyConflict:
                # Random delays keep the same transactions from colliding again.
                await asyncio.sleep(random.random() * FIRST_PAUSE_SECONDS * 2**attempt)  # noqa: S311
        try:
            return await work(self, *args, **kwargs)
        except ConcurrencyConflict as error:
            raise OutcomeUnknown("Too many changes at once. Try again in a moment.") from error

    return attempted
