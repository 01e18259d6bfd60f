"""SimpleFIN: a service of the user's choice reads their banks, and answers for all of them."""

from datetime import timedelta

from adapters.providers.http import Client
from adapters.providers.simplefin.authorisation import SimpleFinAuthorisation
from adapters.providers.simplefin.source import SimpleFinSource
from domain.connections.providers import Provider
from domain.connections.values import Capabilities, ProviderSlug

__all__ = ["CAPABILITIES", "SimpleFinAuthorisation", "SimpleFinSource", "simplefin"]

#: The Bridge expects 24 requests a day, and answers at most 90 days; other servers answer fewer.
CAPABILITIES = Capabilities(
    window_days=44,
    history_days=365,
    overlap_days=14,
    requests_per_day=24,
    interval=timedelta(hours=12),
)


def simplefin(client: Client, *, may_be_private: bool = False) -> Provider:
    """Return the provider, which reaches servers through a client."""
    return Provider(
        slug=ProviderSlug("simplefin"),
        name="SimpleFIN",
        capabilities=CAPABILITIES,
        authorisation=SimpleFinAuthorisation(client, may_be_private=may_be_private),
        source=SimpleFinSource(client),
    )
