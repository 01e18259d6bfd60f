"""Limits in memory, by a clock that tests move."""

import asyncio
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from domain.shared.errors import Unavailable
from domain.shared.limits import (
    ATTEMPT_WINDOW,
    LONGEST_ATTEMPT,
    AttemptKey,
    Limit,
    Reservation,
    TooManyRequests,
)
from domain.shared.result import Failure, Result, Success
from tests.factories import NOON

PAUSE_SECONDS = 0.01


def _refused(wait: timedelta) -> Failure[TooManyRequests]:
    return Failure(TooManyRequests("Too often.", max(math.ceil(wait.total_seconds()), 1)))


class InMemoryRateLimiter:
    """Counts the tokens themselves, where the other one counts the time."""

    def __init__(self) -> None:
        self.at: datetime = NOON
        self.buckets: dict[str, tuple[float, datetime, Limit]] = {}

    async def consume(
        self, key: str, limit: Limit, *, within: tuple[str, Limit] | None = None
    ) -> Result[None, TooManyRequests | Unavailable]:
        around = await self.consume(*within) if within else Success(None)
        result = self._consume(key, limit)
        return result if isinstance(result, Failure) else around

    def _consume(self, key: str, limit: Limit) -> Result[None, TooManyRequests | Unavailable]:
        left = self._left(key, limit)
        if left < 1:
            return _refused(timedelta(minutes=(1 - left) / limit.per_minute))
        self.buckets[key] = left - 1, self.at, limit
        return Success(None)

    async def delete_expired(self) -> Result[int, Unavailable]:
        full = [key for key, (*_, limit) in self.buckets.items() if self._is_full(key, limit)]
        for key in full:
            del self.buckets[key]
        return Success(len(full))

    def _is_full(self, key: str, limit: Limit) -> bool:
        return self._left(key, limit) >= limit.burst

    def _left(self, key: str, limit: Limit) -> float:
        tokens, at, _ = self.buckets.get(key, (limit.burst, self.at, limit))
        grown = tokens + (self.at - at) / timedelta(minutes=1) * limit.per_minute
        return min(round(grown, 9), limit.burst)


@dataclass
class _Token:
    """A token that was consumed."""

    reservation: UUID
    consumed_at: datetime
    failed: bool = False


@dataclass
class InMemoryLoginAttemptLimiter:
    """A list of consumed tokens for each name."""

    patience: float = 15.0
    at: datetime = NOON
    consumed: dict[str, list[_Token]] = field(default_factory=dict)

    async def reserve(
        self, *keys: AttemptKey
    ) -> Result[Reservation, TooManyRequests | Unavailable]:
        reservation = Reservation(uuid4(), tuple(dict.fromkeys(key.name for key in keys)))
        waited = 0.0
        while True:
            lacking = [key for key in keys if len(self._tokens(key.name)) >= key.allowed]
            hopeless = [key for key in lacking if not self._is_pending(key)]
            if not lacking:
                break
            if hopeless:
                return _refused(max(map(self._until_back, hopeless)))
            if waited > self.patience:
                return _refused(timedelta(seconds=5))
            await asyncio.sleep(PAUSE_SECONDS)
            waited += PAUSE_SECONDS
        for name in reservation.names:
            self.consumed[name] = [*self._tokens(name), _Token(reservation.id, self.at)]
        return Success(reservation)

    async def settle(self, reservation: Reservation, *, failed: bool) -> Result[None, Unavailable]:
        for name in reservation.names:
            tokens = self._tokens(name)
            for token in tokens:
                token.failed |= failed and token.reservation == reservation.id
            self.consumed[name] = [
                each for each in tokens if failed or each.reservation != reservation.id
            ]
        return Success(None)

    async def delete_expired(self) -> Result[int, Unavailable]:
        before = sum(map(len, self.consumed.values()))
        self.consumed = {name: self._tokens(name) for name in self.consumed}
        return Success(before - sum(map(len, self.consumed.values())))

    def _tokens(self, name: str) -> list[_Token]:
        return [
            each
            for each in self.consumed.get(name, [])
            if each.consumed_at > self.at - ATTEMPT_WINDOW
        ]

    def _is_pending(self, key: AttemptKey) -> bool:
        return any(
            not each.failed and each.consumed_at > self.at - LONGEST_ATTEMPT
            for each in self._tokens(key.name)
        )

    def _until_back(self, key: AttemptKey) -> timedelta:
        tokens = self._tokens(key.name)
        return tokens[len(tokens) - key.allowed].consumed_at + ATTEMPT_WINDOW - self.at
