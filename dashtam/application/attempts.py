"""Attempts at a secret are counted before the secret is compared."""

from types import TracebackType
from typing import Self

from domain.audit.origin import origin
from domain.identity.values import Device
from domain.shared.errors import ConcurrencyConflict, Unavailable
from domain.shared.limits import AttemptKey, LoginAttemptLimiter, Reservation, TooManyRequests
from domain.shared.result import Failure, Result


def attempt_keys(account: str, device: Device | None = None) -> tuple[AttemptKey, ...]:
    """Count a known device by itself, so that strangers cannot use up its attempts.

    All others are counted by the account, whether or not it exists, and by their network.
    """
    if device:
        return (AttemptKey.of_device(device.id),)
    return AttemptKey.of_account(account), AttemptKey.of_network(origin.get().ip_address)


class LimitedAttempt:
    """One attempt, with a token of each key: `async with LimitedAttempt(...) as attempt`.

    The tokens return unless the attempt `failed()`, or ended with an exception, such as
    when the client disconnects. After a conflict with another transaction they return too.
    """

    #: Look here first: without tokens nothing may be attempted.
    reserved: Result[Reservation, TooManyRequests | Unavailable]

    def __init__(self, limiter: LoginAttemptLimiter, *keys: AttemptKey) -> None:
        self._limiter = limiter
        self._keys = keys
        self._has_failed = False

    def failed(self) -> None:
        """Count this attempt as failed."""
        self._has_failed = True

    async def __aenter__(self) -> Self:
        self.reserved = await self._limiter.reserve(*self._keys)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(self.reserved, Failure):
            return
        failed = self._has_failed if error is None else not isinstance(error, ConcurrencyConflict)
        # If this fails in an outage, the tokens return when they expire.
        _ = await self._limiter.settle(self.reserved.value, failed=failed)
