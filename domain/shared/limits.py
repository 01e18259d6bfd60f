"""How often something may be requested, and how often a login may fail."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Network, ip_address
from typing import Protocol, Self
from uuid import UUID

from domain.shared.errors import TooMany, Unavailable
from domain.shared.result import Result

#: How long after it was taken a token comes back.
ATTEMPT_WINDOW = timedelta(minutes=15)
#: An attempt that has not ended after this time counts as failed.
LONGEST_ATTEMPT = timedelta(seconds=20)
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_NETWORK = 100
#: Attempts that a known device has for itself.
ATTEMPTS_PER_DEVICE = 5
#: Attempts within a session, or with an emailed token, whatever strangers do.
ATTEMPTS_PER_CREDENTIAL = 10


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

    async def consume(
        self, key: str, limit: Limit, *, within: tuple[str, Limit] | None = None
    ) -> Result[None, TooManyRequests | Unavailable]:
        """Take one token; one of the bucket `within` which this one is too, whatever comes of it.

        Never within a transaction: it would come back with a rollback.
        """

    async def delete_expired(self) -> Result[int, Unavailable]:
        """Delete buckets that are full again (equivalent to absent ones); return the count."""


@dataclass(frozen=True, slots=True)
class AttemptKey:
    """Which attempts are counted together, and how many of them may fail in a window."""

    name: str
    allowed: int

    @classmethod
    def of_account(cls, account: str) -> Self:
        """Count by the account: its normalised name, or whatever was given."""
        return cls(f"account:{_digest(account)}", ATTEMPTS_PER_ACCOUNT)

    @classmethod
    def of_network(cls, address: str | None) -> Self:
        """Count by the network that attempts come from."""
        return cls(f"network:{_digest(network_of(address))}", ATTEMPTS_PER_NETWORK)

    @classmethod
    def of_device(cls, device: UUID) -> Self:
        """Count by a device from which somebody has logged in before."""
        return cls(f"device:{device}", ATTEMPTS_PER_DEVICE)

    @classmethod
    def of_credential(cls, credential_id: UUID) -> Self:
        """Count by something that no stranger has: a session, or an emailed token."""
        return cls(f"holder:{credential_id}", ATTEMPTS_PER_CREDENTIAL)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The tokens of one attempt."""

    id: UUID
    names: tuple[str, ...]


class LoginAttemptLimiter(Protocol):
    """Reserves tokens for login attempts before anything is compared; success gives them back.

    A token that was not given back returns `ATTEMPT_WINDOW` after it was taken. So in any window,
    no more failing attempts begin than the key allows.
    """

    async def reserve(
        self, *keys: AttemptKey
    ) -> Result[Reservation, TooManyRequests | Unavailable]:
        """Take a token of every key, or none at all.

        If tokens are missing that other attempts may still give back, wait for them. Never call
        this within a transaction, because a rollback would give the tokens back.
        """

    async def settle(self, reservation: Reservation, *, failed: bool) -> Result[None, Unavailable]:
        """Give the tokens back, or leave them taken if the attempt failed."""

    async def delete_expired(self) -> Result[int, Unavailable]:
        """Delete tokens whose window is over; return how many."""


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
