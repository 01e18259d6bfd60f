"""All providers that the settings allow: one line for each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.providers.enable_banking.provider import EnableBankingSettings, enable_banking
from adapters.providers.http import HttpClient
from adapters.providers.sandbox import sandbox
from adapters.providers.simplefin import simplefin
from domain.connections.providers import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What providers need from the operator.

    If providers `may_be_private`, they may be at addresses of private networks and of this machine.
    Enable Banking is offered to those who have an application there, and FinTS under the id of a
    product that is registered. The `sandbox` is a simulated bank, for development.
    """

    may_be_private: bool = False
    enable_banking: EnableBankingSettings = field(default_factory=EnableBankingSettings)
    fints_product_id: str = ""
    sandbox: bool = False


def providers(settings: ProviderSettings) -> Sequence[Provider]:
    """Return the providers, in the order in which they are offered."""
    private = settings.may_be_private
    client = HttpClient(may_be_private=private)
    offered = [
        simplefin(client, may_be_private=private),
        enable_banking(settings.enable_banking, client),
        _fints(settings, client) if settings.fints_product_id else None,
        sandbox() if settings.sandbox else None,
    ]
    return [provider for provider in offered if provider]


def _fints(settings: ProviderSettings, client: HttpClient) -> Provider:
    # Its library takes a fifth of a second to load, and few servers need it.
    from adapters.providers.fints.provider import fints_provider

    product, private = settings.fints_product_id, settings.may_be_private
    return fints_provider(product, client, may_be_private=private)
