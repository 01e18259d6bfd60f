"""Guesses at secrets are counted before they are evaluated."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.audit.origin import origin
from domain.shared.errors import Contended, Unavailable
from domain.shared.limits import GuessKey, GuessLimiter, TooManyRequests
from domain.shared.result import Failure, Result

T = TypeVar("T")
E = TypeVar("E")


async def counted(
    guesses: GuessLimiter,
    account: str,
    attempt: Callable[[], Awaitable[Result[T, E]]],
    is_guess: Callable[[E], bool],
) -> Result[T, E | TooManyRequests | Unavailable]:
    """Make an attempt with a token of the account, which may be nobody's, and of the network.

    The tokens come back unless the attempt was a wrong guess. Whatever ends otherwise, such as by
    whoever asks going away, counts as one.
    """
    network = GuessKey.of_network(origin.get().ip_address)
    reserved = await guesses.reserve(GuessKey.of_account(account), network)
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
