"""The provider: what it can do, and how it is used."""

from datetime import timedelta

from adapters.providers.fints.authorisation import FinTsAuthorisation
from adapters.providers.fints.bank import Bank
from adapters.providers.fints.source import FinTsSource
from adapters.providers.http import HttpClient
from domain.connections.providers import Provider
from domain.connections.values import Capabilities, ProviderSlug

FINTS = ProviderSlug("fints")

CAPABILITIES = Capabilities(
    # Without a TAN, banks show the last 90 days (article 10 of the delegated regulation of PSD2).
    window_days=90,
    # Before today: one more day would be a request of its own, for which banks want a TAN.
    history_days=89,
    overlap_days=10,
    requests_per_day=24,
    interval=timedelta(hours=12),
    # All accounts in one dialog: each log-in may make the bank want a TAN.
    counts_each_account=True,
)


def fints_provider(
    product_id: str, client: HttpClient, *, may_be_private: bool = False
) -> Provider:
    """Return the provider for a product that is registered with Deutsche Kreditwirtschaft."""
    bank = Bank(product_id, client)
    return Provider(
        slug=FINTS,
        name="FinTS (banks in Germany)",
        capabilities=CAPABILITIES,
        authorisation=FinTsAuthorisation(bank, may_be_private=may_be_private),
        source=FinTsSource(bank),
    )
