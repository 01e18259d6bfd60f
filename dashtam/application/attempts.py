"""Attempts at a secret are counted before the secret is compared."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.audit.origin import origin
from domain.identity.values import Device
from domain.shared.errors import Contended, Unavailable
from domain.shared.limits import GuessKey, GuessLimiter, TooManyRequests
from domain.shared.result import Failure, Result

T = TypeVar("T")
E = TypeVar("E")


Counters = tuple[GuessKey, ...]


def counters_of(account: str, device: Device | None = None) -> Counters:
    """Count a known device by itself, so that strangers cannot use up its tries.

    All others are counted by the account, which may be nobody's, and by their network.
    """
    if device:
        return (GuessKey.of_device(device.id),)
    return GuessKey.of_account(account), GuessKey.of_network(origin.get().ip_address)


async def counted(
    guesses: GuessLimiter,
    counters: Counters,
    attempt: Callable[[], Awaitable[Result[T, E]]],
    is_guess: Callable[[E], bool],
) -> Result[T, E | TooManyRequests | Unavailable]:
    """Make an attempt with a token of each counter.

    The tokens come back unless the attempt was a wrong guess. Whatever ends otherwise, such as by
    whoever asks going away, counts as one.
    """
    reserved = await guesses.reserve(*counters)
    if isinstance(reserved, Failure):
        return reserved
    failed = True
    try:
        outcome = await attempt()
        failed = isinstance(outcome, Failure) and is_guess(outcome.error)
        return outcome
    except Contended:
        failed = False
        raise
    finally:
        _ = await guesses.settle(reserved.value, failed=failed)
