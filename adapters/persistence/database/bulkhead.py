"""Limits on connections, so that no user or network takes all of them."""

from dataclasses import dataclass

from adapters.persistence.database.pool import OPEN, Claim, Compartment
from domain.audit.origin import origin
from domain.shared.events import ActorKind
from domain.shared.limits import network_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The limits of one user or network.

    `per_user` transactions at once; one more waits `patience` seconds for its turn. Each statement
    of those who only read may take `reading` seconds.
    """

    per_user: int = 3
    patience: float = 2.0
    reading: float = 5.0


def claim_of_caller(bounds: Bounds, pool_size: int, *, is_long: bool) -> Claim:
    compartment = _compartment_of_caller(bounds, pool_size)
    return Claim(compartment, is_long=is_long and compartment is not OPEN)


def statement_timeout_of_caller(bounds: Bounds) -> float | None:
    """Return how many seconds a statement of the caller may take, where that is less than what
    the role may: a user who only reads has little time.
    """
    asking = origin.get()
    return bounds.reading if asking.is_read_only and asking.actor.kind is ActorKind.USER else None


def _compartment_of_caller(bounds: Bounds, pool_size: int) -> Compartment:
    """Return the compartment of the caller: a user, whatever token is used; before that is
    known, the network. The middleware gives each request its origin, so none is without one.
    """
    asking = origin.get()
    if asking.actor.kind is ActorKind.USER and asking.actor.id:
        return Compartment(f"user {asking.actor.id}", bounds.per_user)
    if asking.actor.kind is ActorKind.ANONYMOUS:
        shared = max(bounds.per_user, pool_size // 4)
        return Compartment(f"network {network_of(asking.ip_address)}", shared)
    return OPEN
