"""All providers that the settings allow: one line for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.providers.fints.provider import fints_provider
from domain.connections.providers import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What providers need from the operator.

    If providers `may_be_private`, they may be at addresses of private networks and of this machine.
    Without the id under which the operator's FinTS product is registered, FinTS is not offered.
    """

    may_be_private: bool = False
    fints_product_id: str = ""


def providers(settings: ProviderSettings) -> Sequence[Provider]:
    """Return the providers, in the order in which they are offered."""
    offered = list[Provider]()
    if settings.fints_product_id:
        offered.append(
            fints_provider(settings.fints_product_id, may_be_private=settings.may_be_private)
        )
    return offered
