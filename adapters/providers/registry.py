"""All providers that the settings allow: one line for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.providers.http import HttpClient
from adapters.providers.sandbox import sandbox
from adapters.providers.simplefin import simplefin
from domain.connections.providers import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What providers need from the operator.

    If providers `may_be_private`, they may be at addresses of private networks and of this machine.
    The `sandbox` is a simulated bank, for development.
    """

    may_be_private: bool = False
    sandbox: bool = False


def providers(settings: ProviderSettings) -> Sequence[Provider]:
    """Return the providers, in the order in which they are offered."""
    client = HttpClient(may_be_private=settings.may_be_private)
    return [
        simplefin(client, may_be_private=settings.may_be_private),
        *([sandbox()] if settings.sandbox else []),
    ]
