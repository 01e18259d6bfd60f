"""What Enable Banking is called, and what it can do."""

from dataclasses import dataclass, field
from datetime import timedelta

from adapters.clock import SystemClock
from adapters.providers.enable_banking.api import EnableBankingApi
from adapters.providers.enable_banking.authorisation import EnableBankingAuthorisation
from adapters.providers.enable_banking.key import ApplicationKey
from adapters.providers.enable_banking.source import EnableBankingSource
from adapters.providers.http import HttpClient
from domain.connections.providers import Provider
from domain.connections.values import Capabilities, ProviderSlug
from domain.shared.ports import Clock

SLUG = ProviderSlug("enable-banking")
#: Banks allow four readings of an account in a day without its owner. Four windows are read on the
#: first day, while a bank still gives all of its history; two readings a day are left to spare.
CAPABILITIES = Capabilities(
    window_days=90,
    history_days=350,
    overlap_days=10,
    requests_per_day=4,
    interval=timedelta(hours=12),
    counts_each_account=True,
    asks_each_account=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableBankingSettings:
    """The application of this server at Enable Banking; `key` is its private key in PEM."""

    application_id: str = ""
    key: str = field(default="", repr=False)
    address: str = "https://api.enablebanking.com"


def enable_banking(
    settings: EnableBankingSettings, http: HttpClient, clock: Clock | None = None
) -> Provider | None:
    """Return the provider, unless the server has no application there.

    Raises `UnusableKey` if the key cannot sign.
    """
    if not settings.application_id or not settings.key:
        return None
    key = ApplicationKey.from_pem(settings.application_id, settings.key)
    api = EnableBankingApi(http, settings.address, key, clock or SystemClock())
    return Provider(
        slug=SLUG,
        name="Enable Banking",
        capabilities=CAPABILITIES,
        authorisation=EnableBankingAuthorisation(api),
        source=EnableBankingSource(api),
    )
