"""Providers, and what each asks a person first."""

from collections.abc import Sequence
from typing import Self

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import refuse_query
from dashtam.api.ledger.parameters import READ_CONNECTIONS
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, respond
from dashtam.api.session import CallerView
from dashtam.application.connections.provider_list import ListProviders
from domain.connections.providers import Field, Provider


class FieldResponse(Response):
    """Something that a person enters; with options, one of them."""

    name: str
    label: str
    secret: bool
    optional: bool
    options: Sequence[str]

    @classmethod
    def of(cls, field: Field) -> Self:
        return cls.copy_from(field, secret=field.is_secret, optional=field.is_optional)


class ProviderResponse(Response):
    """A provider: what it asks first, and how often and for how many days it may be asked."""

    slug: str
    name: str
    fields: Sequence[FieldResponse]
    window_days: int
    history_days: int
    requests_per_day: int
    sync_interval_hours: float

    @classmethod
    def of(cls, provider: Provider) -> Self:
        capabilities = provider.capabilities
        return cls.copy_from(
            capabilities,
            slug=provider.slug,
            name=provider.name,
            fields=[FieldResponse.of(each) for each in provider.authorisation.fields],
            sync_interval_hours=capabilities.interval.total_seconds() / 3600,
        )


class ProvidersView(CallerView):
    """The providers that this server offers."""

    scopes = {"get": READ_CONNECTIONS}
    list_providers: ListProviders

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List the providers."""
        refuse_query(request)
        found = unwrap(await self.list_providers(user_id=self.caller.user_id))
        return respond(ListResponse[ProviderResponse].of(found, ProviderResponse.of))
