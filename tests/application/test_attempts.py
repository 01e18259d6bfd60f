"""An attempt is reserved before, and counted after whatever happens in its block."""

import asyncio

import pytest

from dashtam.application.attempts import LimitedAttempt
from domain.shared.errors import ConcurrencyConflict
from domain.shared.limits import AttemptKey, TooManyRequests
from domain.shared.result import Failure, Success
from tests.limit_fakes import InMemoryLoginAttemptLimiter

KEY = AttemptKey("account:ada", allowed=1)


async def is_free(limiter: InMemoryLoginAttemptLimiter) -> bool:
    """Return whether another attempt may be made, and refund it."""
    async with LimitedAttempt(limiter, KEY) as attempt:
        return isinstance(attempt.reserved, Success)


@pytest.fixture
def limiter() -> InMemoryLoginAttemptLimiter:
    return InMemoryLoginAttemptLimiter()


async def test_an_attempt_that_succeeded_is_refunded(
    limiter: InMemoryLoginAttemptLimiter,
) -> None:
    assert await is_free(limiter)
    assert await is_free(limiter)


async def test_an_attempt_that_failed_is_counted(limiter: InMemoryLoginAttemptLimiter) -> None:
    async with LimitedAttempt(limiter, KEY) as attempt:
        attempt.failed()

    assert not await is_free(limiter)


async def test_no_attempt_is_made_above_the_limit(limiter: InMemoryLoginAttemptLimiter) -> None:
    async with LimitedAttempt(limiter, KEY) as attempt:
        attempt.failed()

    async with LimitedAttempt(limiter, KEY) as refused:
        assert isinstance(refused.reserved, Failure)
        assert isinstance(refused.reserved.error, TooManyRequests)


async def test_an_attempt_that_lost_to_another_transaction_is_not_counted(
    limiter: InMemoryLoginAttemptLimiter,
) -> None:
    with pytest.raises(ConcurrencyConflict):
        async with LimitedAttempt(limiter, KEY):
            raise ConcurrencyConflict

    assert await is_free(limiter)


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
async def test_an_attempt_that_was_interrupted_is_counted(
    limiter: InMemoryLoginAttemptLimiter, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        async with LimitedAttempt(limiter, KEY):
            raise error

    assert not await is_free(limiter)
