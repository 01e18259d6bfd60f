"""Limits the connections of each user and network, so that nobody can starve the others."""

from dataclasses import dataclass
from uuid import UUID

from adapters.persistence.database.claims import OPEN, Claim, Compartment
from domain.audit.origin import origin
from domain.shared.events import ActorKind
from domain.shared.limits import network_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits for each caller.

    A user has up to `per_user` transactions at once; another one waits up to `patience` seconds.
    Each statement of a request that only reads may take `reading` seconds.
    """

    per_user: int = 3
    patience: float = 2.0
    reading: float = 5.0


def claim_of_caller(bounds: Bounds, pool_size: int, *, is_long: bool) -> Claim:
    compartment = _compartment_of_caller(bounds, pool_size)
    return Claim(compartment, is_long=is_long and compartment is not OPEN)


def claim_of_user(user_id: UUID, bounds: Bounds, *, is_long: bool) -> Claim:
    return Claim(_compartment_of_user(user_id, bounds), is_long=is_long)


def statement_timeout_of_caller(bounds: Bounds) -> float | None:
    """Return the seconds that a statement of the caller may take, or None for the role's limit.

    Only users who read have a limit of their own.
    """
    caller = origin.get()
    return bounds.reading if caller.reads and caller.actor.kind is ActorKind.USER else None


def _compartment_of_caller(bounds: Bounds, pool_size: int) -> Compartment:
    """Return the compartment of the user, whichever token is used, or of an anonymous network.

    The middleware sets the origin of each request, so there always is one.
    """
    caller = origin.get()
    if caller.actor.kind is ActorKind.USER and caller.actor.id:
        return _compartment_of_user(caller.actor.id, bounds)
    if caller.actor.kind is ActorKind.ANONYMOUS:
        size = max(bounds.per_user, pool_size // 4)
        return Compartment(f"network {network_of(caller.ip_address)}", size)
    return OPEN


def _compartment_of_user(user_id: UUID, bounds: Bounds) -> Compartment:
    return Compartment(f"user {user_id}", bounds.per_user)
