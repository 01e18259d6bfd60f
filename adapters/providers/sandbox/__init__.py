"""The sandbox: a simulated bank, so that people can try what happens without one of their own."""

from datetime import timedelta

from adapters.providers.sandbox.authorisation import SandboxAuthorisation
from adapters.providers.sandbox.bank import Bank, Trouble
from adapters.providers.sandbox.server import Sandbox, served
from adapters.providers.sandbox.source import SandboxSource
from domain.connections.providers import Provider
from domain.connections.values import Capabilities, ProviderSlug

__all__ = ["Bank", "Sandbox", "Trouble", "sandbox", "served"]


def sandbox() -> Provider:
    """Return the provider; no network is used."""
    return Provider(
        slug=ProviderSlug("sandbox"),
        name="Sandbox",
        capabilities=Capabilities(
            window_days=44,
            history_days=365,
            overlap_days=14,
            requests_per_day=200,
            interval=timedelta(hours=12),
        ),
        authorisation=SandboxAuthorisation(),
        source=SandboxSource(),
    )
