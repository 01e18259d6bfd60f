"""All providers that the settings allow: one line for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.connections.providers import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What providers need from the operator.

    If providers `may_be_private`, they may be at addresses of private networks and of this machine.
    """

    may_be_private: bool = False


def providers(settings: ProviderSettings) -> Sequence[Provider]:
    """Return the providers, in the order in which they are offered."""
    return []
