"""The providers that the settings allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.connections.actions import PROVIDERS_VIEWED
from domain.connections.entities import Connection
from domain.connections.errors import ProviderNotFound
from domain.connections.providers import Provider
from domain.connections.values import ProviderSlug
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success


def provider_of(
    slug: ProviderSlug, providers: Sequence[Provider]
) -> Result[Provider, ProviderNotFound]:
    """Return a provider by its name."""
    found = next((each for each in providers if each.slug == slug), None)
    if found is None:
        return Failure(ProviderNotFound("There is no such provider here."))
    return Success(found)


def first_day(connection: Connection, providers: Sequence[Provider], now: datetime) -> date:
    """Return the first day of which a provider may have statements: today if it is not offered."""
    provider = provider_of(connection.provider, providers)
    if isinstance(provider, Failure):
        return now.astimezone(UTC).date()
    return provider.value.capabilities.first_day(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListProviders(UseCase):
    """List the providers, and what each asks a person first."""

    providers: Sequence[Provider]

    @audited_query("providers.view", PROVIDERS_VIEWED, count)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[Provider], Unavailable]:
        return Success(self.providers)
