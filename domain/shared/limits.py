"""How often something may be asked, and how often a secret may be guessed."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Network, ip_address
from typing import Protocol, Self
from uuid import UUID

from domain.shared.errors import TooMany, Unavailable
from domain.shared.result import Result

#: A token comes back so long after it was taken.
GUESS_WINDOW = timedelta(minutes=15)
#: An attempt of which nothing was heard for so long counts as a failure.
LONGEST_ATTEMPT = timedelta(seconds=20)
GUESSES_OF_ACCOUNT = 10
GUESSES_OF_NETWORK = 100
#: A device that is known gets these for itself.
GUESSES_OF_DEVICE = 5
#: Whoever holds a session or a letter gets these, whatever strangers do.
GUESSES_OF_HOLDER = 10


@dataclass(frozen=True)
class TooManyRequests(TooMany):
    """There is no token left; in `retry_after` seconds there is one again."""

    code = "too-many-requests"

    retry_after: int

    @classmethod
    def of(cls, seconds: int, reason: str = "Too many requests.") -> Self:
        unit = "second" if seconds == 1 else "seconds"
        return cls(f"{reason} Try again in {seconds} {unit}.", seconds)


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket: how many tokens it holds, and how many come back to it in a minute."""

    burst: int
    per_minute: float

    def scaled(self, factor: float) -> Self:
        """Return a limit so many times as wide; a bucket holds one token at least."""
        return type(self)(max(int(self.burst * factor), 1), self.per_minute * factor)


class RateLimiter(Protocol):
    """Buckets of tokens, one for each key."""

    async def take(
        self, key: str, limit: Limit, *, within: tuple[str, Limit] | None = None
    ) -> Result[None, TooManyRequests | Unavailable]:
        """Take one token; one of the bucket `within` which this one is too, whatever comes of it.

        Never within a transaction: it would come back with a rollback.
        """

    async def forget_full(self) -> Result[int, Unavailable]:
        """Delete buckets that are full again (equivalent to absent ones); return the count."""


@dataclass(frozen=True, slots=True)
class GuessKey:
    """Whose guesses are counted together, and how many of them may fail in a window."""

    name: str
    allowed: int

    @classmethod
    def of_account(cls, account: str) -> Self:
        """Count by whose secret is guessed: an address as it is known, or whatever was given."""
        return cls(f"account:{_digest(account)}", GUESSES_OF_ACCOUNT)

    @classmethod
    def of_network(cls, address: str | None) -> Self:
        """Count by where guesses come from."""
        return cls(f"network:{_digest(network_of(address))}", GUESSES_OF_NETWORK)

    @classmethod
    def of_device(cls, device: UUID) -> Self:
        """Count by a device that somebody logged in from before."""
        return cls(f"device:{device}", GUESSES_OF_DEVICE)

    @classmethod
    def of_holder(cls, held: UUID) -> Self:
        """Count by what no stranger has: an open session, or the token of a letter."""
        return cls(f"holder:{held}", GUESSES_OF_HOLDER)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The tokens of one attempt."""

    id: UUID
    names: tuple[str, ...]


class GuessLimiter(Protocol):
    """Tokens for guesses at secrets: taken before anything is evaluated, given back by success.

    A token that was not given back comes back after `GUESS_WINDOW`, counted from its taking: in any
    window no more attempts are begun that fail than the key allows.
    """

    async def reserve(self, *keys: GuessKey) -> Result[Reservation, TooManyRequests | Unavailable]:
        """Take a token of every key, or none at all.

        Where tokens are lacking that attempts under way may yet give back, wait for these. Never
        within a transaction: what is taken would come back with a rollback.
        """

    async def settle(self, reservation: Reservation, *, failed: bool) -> Result[None, Unavailable]:
        """Give the tokens back, or leave them taken when the guess was wrong."""

    async def forget_full(self) -> Result[int, Unavailable]:
        """Let go of tokens whose window is over; tell how many."""


def network_of(address: str | None) -> str:
    """Return what one client can speak from: an address, or the /64 of one of IPv6."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Network((int(parsed), 64), strict=False))


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
