"""What every limiter must do. Time passes only by the fixture `later`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.shared.limits import (
    AttemptKey,
    Limit,
    LoginAttemptLimiter,
    RateLimiter,
    TooManyRequests,
)
from domain.shared.result import Failure, Result, Success
from tests.contracts.world import World

Later = Callable[[float], Awaitable[None]]

SLOW = Limit(burst=3, per_minute=1)
ADA = AttemptKey("account:ada", 10)
EVE = AttemptKey("account:eve", 10)
NETWORK = AttemptKey("network:office", 12)
MINUTE = 60.0
#: Where time passes by itself too, a busy machine is no failure.
SLOWNESS = 10


def refused(result: Result[Any, Any], seconds: int) -> bool:
    """Return whether it was refused for so long, minus the little time that has passed since."""
    assert isinstance(result, Failure)
    assert isinstance(result.error, TooManyRequests)
    return seconds - SLOWNESS < result.error.retry_after <= seconds


class RateLimiterContract:
    @pytest.fixture
    def limiter(self, world: World) -> RateLimiter:
        return world.rate_limiter

    async def test_grants_exactly_the_limit(self, limiter: RateLimiter) -> None:
        results = [await limiter.consume("a", SLOW) for _ in range(5)]

        assert results[:3] == [Success(None)] * 3
        assert all(refused(each, 60) for each in results[3:])

    async def test_keys_are_independent(self, limiter: RateLimiter) -> None:
        for _ in range(3):
            assert await limiter.consume("a", SLOW) == Success(None)

        assert await limiter.consume("b", SLOW) == Success(None)

    async def test_tokens_return_one_by_one(self, limiter: RateLimiter, later: Later) -> None:
        for _ in range(3):
            await limiter.consume("a", SLOW)

        await later(MINUTE)
        assert await limiter.consume("a", SLOW) == Success(None)
        assert refused(await limiter.consume("a", SLOW), 60)

    async def test_the_wait_gets_shorter(self, limiter: RateLimiter, later: Later) -> None:
        for _ in range(3):
            await limiter.consume("a", SLOW)

        for seconds in (60, 40, 20):
            assert refused(await limiter.consume("a", SLOW), seconds)
            await later(20)

        assert await limiter.consume("a", SLOW) == Success(None)

    async def test_no_more_tokens_return_than_there_were(
        self, limiter: RateLimiter, later: Later
    ) -> None:
        await limiter.consume("a", SLOW)

        await later(60 * MINUTE)

        results = [await limiter.consume("a", SLOW) for _ in range(4)]
        assert results[:3] == [Success(None)] * 3
        assert refused(results[3], 60)

    async def test_a_refusal_consumes_nothing(self, limiter: RateLimiter, later: Later) -> None:
        for _ in range(30):
            await limiter.consume("a", SLOW)

        await later(MINUTE)

        assert await limiter.consume("a", SLOW) == Success(None)

    async def test_a_limit_of_one_works(self, limiter: RateLimiter, later: Later) -> None:
        single = Limit(burst=1, per_minute=2)

        assert await limiter.consume("a", single) == Success(None)
        assert refused(await limiter.consume("a", single), 30)
        await later(30)
        assert await limiter.consume("a", single) == Success(None)

    async def test_a_larger_bucket_has_several_tokens(
        self, limiter: RateLimiter, later: Later
    ) -> None:
        together = ("all", Limit(burst=4, per_minute=1))
        for key in ("a", "b", "a", "b"):
            assert await limiter.consume(key, SLOW, within=together) == Success(None)

        assert refused(await limiter.consume("c", SLOW, within=together), 60)
        assert await limiter.consume("d", SLOW) == Success(None)
        await later(MINUTE)
        assert await limiter.consume("c", SLOW, within=together) == Success(None)

    async def test_a_refusal_by_one_bucket_counts_in_the_larger_one(
        self, limiter: RateLimiter
    ) -> None:
        together = ("all", Limit(burst=5, per_minute=1))
        results = [await limiter.consume("a", SLOW, within=together) for _ in range(5)]

        assert results[:3] == [Success(None)] * 3
        assert refused(await limiter.consume("b", SLOW, within=together), 60)

    async def test_full_buckets_are_deleted_and_others_preserved(
        self, limiter: RateLimiter, later: Later
    ) -> None:
        for key in ("a", "a", "b"):
            await limiter.consume(key, SLOW)
        assert await limiter.delete_expired() == Success(0)

        await later(MINUTE)

        assert await limiter.delete_expired() == Success(1)
        assert await limiter.delete_expired() == Success(0)
        results = [await limiter.consume("a", SLOW) for _ in range(3)]
        assert results[:2] == [Success(None)] * 2
        assert refused(results[2], 60)


async def fail(limiter: LoginAttemptLimiter, *keys: AttemptKey) -> None:
    """Guess, and guess wrong."""
    reserved = await limiter.reserve(*keys)
    assert isinstance(reserved, Success)
    assert await limiter.settle(reserved.value, failed=True) == Success(None)


class LoginAttemptLimiterContract:
    @pytest.fixture
    def limiter(self, world: World) -> LoginAttemptLimiter:
        return world.attempts

    async def test_failures_are_limited(self, limiter: LoginAttemptLimiter) -> None:
        for _ in range(10):
            await fail(limiter, ADA)

        assert refused(await limiter.reserve(ADA), 900)

    async def test_success_is_refunded(self, limiter: LoginAttemptLimiter) -> None:
        for _ in range(9):
            await fail(limiter, ADA)

        for _ in range(5):
            reserved = await limiter.reserve(ADA)
            assert isinstance(reserved, Success)
            await limiter.settle(reserved.value, failed=False)

    async def test_other_keys_are_unaffected(self, limiter: LoginAttemptLimiter) -> None:
        for _ in range(10):
            await fail(limiter, ADA)

        assert isinstance(await limiter.reserve(EVE), Success)

    async def test_consumes_of_all_keys_or_of_none(self, limiter: LoginAttemptLimiter) -> None:
        for _ in range(10):
            await fail(limiter, ADA)
        for _ in range(5):
            assert refused(await limiter.reserve(NETWORK, ADA), 900)

        for _ in range(12):
            await fail(limiter, NETWORK)

    async def test_a_network_is_limited_across_accounts(self, limiter: LoginAttemptLimiter) -> None:
        for _ in range(6):
            await fail(limiter, ADA, NETWORK)
            await fail(limiter, NETWORK, EVE)

        assert refused(await limiter.reserve(AttemptKey("account:x", 10), NETWORK), 900)
        assert isinstance(await limiter.reserve(ADA), Success)

    async def test_a_token_is_returned_after_its_window(
        self, limiter: LoginAttemptLimiter, later: Later
    ) -> None:
        for _ in range(5):
            await fail(limiter, ADA)
        await later(5 * MINUTE)
        for _ in range(5):
            await fail(limiter, ADA)

        await later(9 * MINUTE)
        assert refused(await limiter.reserve(ADA), 60)
        await later(MINUTE)
        for _ in range(5):
            await fail(limiter, ADA)
        assert refused(await limiter.reserve(ADA), 300)

    async def test_concurrent_successes_are_all_admitted(
        self, limiter: LoginAttemptLimiter
    ) -> None:
        async def guess() -> bool:
            reserved = await limiter.reserve(ADA)
            await asyncio.sleep(0.02)
            assert isinstance(reserved, Success)
            await limiter.settle(reserved.value, failed=False)
            return True

        assert await asyncio.gather(*(guess() for _ in range(12))) == [True] * 12

    async def test_few_of_many_concurrent_failures_are_evaluated(
        self, limiter: LoginAttemptLimiter
    ) -> None:
        looked_at = 0

        async def guess() -> None:
            nonlocal looked_at
            reserved = await limiter.reserve(ADA)
            if isinstance(reserved, Success):
                looked_at += 1
                await asyncio.sleep(0.02)
                await limiter.settle(reserved.value, failed=True)

        await asyncio.gather(*(guess() for _ in range(40)))

        assert looked_at == 10

    async def test_an_attempt_that_is_never_settled_counts_as_failed(
        self, limiter: LoginAttemptLimiter, later: Later
    ) -> None:
        for _ in range(10):
            assert isinstance(await limiter.reserve(ADA), Success)

        await later(21)
        assert refused(await limiter.reserve(ADA), 879)
        await later(15 * MINUTE)
        assert isinstance(await limiter.reserve(ADA), Success)

    async def test_a_late_success_is_refunded_too(
        self, limiter: LoginAttemptLimiter, later: Later
    ) -> None:
        late = await limiter.reserve(ADA)
        for _ in range(9):
            await fail(limiter, ADA)
        await later(60)
        assert refused(await limiter.reserve(ADA), 840)

        assert isinstance(late, Success)
        await limiter.settle(late.value, failed=False)

        assert isinstance(await limiter.reserve(ADA), Success)

    async def test_the_wait_ends(self, impatient: LoginAttemptLimiter) -> None:
        for _ in range(10):
            await impatient.reserve(ADA)

        assert refused(await impatient.reserve(ADA), 5)

    async def test_a_key_given_twice_counts_once(self, limiter: LoginAttemptLimiter) -> None:
        for _ in range(10):
            await fail(limiter, ADA, ADA)

        assert refused(await limiter.reserve(ADA), 900)

    async def test_returned_tokens_are_deleted(
        self, limiter: LoginAttemptLimiter, later: Later
    ) -> None:
        for _ in range(3):
            await fail(limiter, ADA, NETWORK)
        await later(10 * MINUTE)
        await fail(limiter, EVE)
        assert await limiter.delete_expired() == Success(0)

        await later(5 * MINUTE)

        assert await limiter.delete_expired() == Success(6)
        assert await limiter.delete_expired() == Success(0)
