"""All providers that the settings allow: one line for each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.providers.enable_banking import EnableBankingSettings, enable_banking
from adapters.providers.http import HttpClient
from domain.connections.providers import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What providers need from the operator.

    If providers `may_be_private`, they may be at addresses of private networks and of this machine.
    Without an application of this server there, Enable Banking is not offered.
    """

    may_be_private: bool = False
    enable_banking: EnableBankingSettings = field(default_factory=EnableBankingSettings)


def providers(settings: ProviderSettings) -> Sequence[Provider]:
    """Return the providers, in the order in which they are offered."""
    http = HttpClient(may_be_private=settings.may_be_private)
    offered = [enable_banking(settings.enable_banking, http)]
    return [provider for provider in offered if provider]
