"""How often something may be requested, and how often a login may fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Network, ip_address
from typing import Protocol, Self, TypeAlias
from uuid import UUID

from domain.shared.errors import TooMany, Unavailable
from domain.shared.result import Result

#: The time after which a consumed token returns.
ATTEMPT_WINDOW = timedelta(minutes=15)
#: An attempt that has not ended after this time counts as failed.
LONGEST_ATTEMPT = timedelta(seconds=20)
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_NETWORK = 100
#: Attempts of a known device, which nobody else can use up.
ATTEMPTS_PER_DEVICE = 5
#: Attempts within a session or with an emailed token, which strangers cannot use up.
ATTEMPTS_PER_CREDENTIAL = 10


@dataclass(frozen=True)
class TooManyRequests(TooMany):
    """There is no token left; the next one returns in `retry_after` seconds."""

    code = "too-many-requests"

    retry_after: int

    @classmethod
    def of(cls, seconds: int, reason: str = "Too many requests.") -> Self:
        unit = "second" if seconds == 1 else "seconds"
        return cls(f"{reason} Try again in {seconds} {unit}.", seconds)


@dataclass(frozen=True, slots=True)
class Limit:
    """The size of a bucket of tokens, and how many tokens return per minute."""

    burst: int
    per_minute: float

    def scaled(self, factor: float) -> Self:
        """Multiply the limit by a factor; a bucket has at least one token."""
        return type(self)(max(int(self.burst * factor), 1), self.per_minute * factor)


#: Names of buckets, and their limits: the widest is last.
Buckets: TypeAlias = Sequence[tuple[str, Limit]]


@dataclass(frozen=True, slots=True)
class Charge:
    """A token of each of these buckets of a user, due if a credential is valid at this time.

    The names of the buckets are followed by the id of the user. As for `RateLimiter`, a rollback
    would return the tokens.
    """

    buckets: Buckets
    at: datetime


class RateLimiter(Protocol):
    """Token buckets, one for each key."""

    async def consume(
        self, key: str, limit: Limit, *, within: tuple[str, Limit] | None = None
    ) -> Result[None, TooManyRequests | Unavailable]:
        """Consume a token, and one of the enclosing bucket `within` even if this is refused.

        Never call this within a transaction, because a rollback would return the token.
        """

    async def delete_expired(self) -> Result[int, Unavailable]:
        """Delete buckets that are full again (equivalent to absent ones); return the count."""


@dataclass(frozen=True, slots=True)
class AttemptKey:
    """Which attempts are counted together, and how many of them may fail within a window."""

    name: str
    allowed: int

    @classmethod
    def of_account(cls, account: str) -> Self:
        """Count by account: its normalized name, or the name that was given."""
        return cls(f"account:{_digest(account)}", ATTEMPTS_PER_ACCOUNT)

    @classmethod
    def of_network(cls, address: str | None) -> Self:
        """Count by network."""
        return cls(f"network:{_digest(network_of(address))}", ATTEMPTS_PER_NETWORK)

    @classmethod
    def of_device(cls, device: UUID) -> Self:
        """Count by a device from which somebody has logged in before."""
        return cls(f"device:{device}", ATTEMPTS_PER_DEVICE)

    @classmethod
    def of_credential(cls, credential_id: UUID) -> Self:
        """Count by something that no stranger has: a session or an emailed token."""
        return cls(f"holder:{credential_id}", ATTEMPTS_PER_CREDENTIAL)


@dataclass(frozen=True, slots=True)
class Reservation:
    """The tokens of one attempt."""

    id: UUID
    names: tuple[str, ...]


class LoginAttemptLimiter(Protocol):
    """Reserves tokens for log-in attempts before anything is compared; success returns them.

    After a failure, a token returns when `ATTEMPT_WINDOW` is over. So in any window, no more
    failing attempts begin than the key allows.
    """

    async def reserve(
        self, *keys: AttemptKey
    ) -> Result[Reservation, TooManyRequests | Unavailable]:
        """Consume a token of every key, or none at all.

        If tokens are missing that other attempts may still return, wait for them. Never call this
        within a transaction, because a rollback would return the tokens.
        """

    async def settle(self, reservation: Reservation, *, failed: bool) -> Result[None, Unavailable]:
        """Return the tokens, unless the attempt failed."""

    async def delete_expired(self) -> Result[int, Unavailable]:
        """Delete tokens whose window is over; return how many were deleted."""


def network_of(address: str | None) -> str:
    """Return the network that one client may use: an IPv4 address, or an IPv6 /64."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Network((int(parsed), 64), strict=False))


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
