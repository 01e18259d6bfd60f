"""Exchange rates of a user: imported from a file of the ECB, or typed."""

from datetime import date
from typing import Annotated, Self

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from pydantic import Field

from dashtam.api.http import Body, Fields, read, read_fields, read_query, refuse_query
from dashtam.api.ledger.parameters import (
    READ_ACCOUNTS,
    WRITE_IMPORTS,
    WRITE_TRANSACTIONS,
    PageQuery,
)
from dashtam.api.ledger.values import plain
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, no_content, respond
from dashtam.api.session import CallerView
from dashtam.api.uploads import read_upload
from dashtam.application.ledger.exchange_rates import (
    DeleteExchangeRate,
    ImportExchangeRates,
    ListExchangeRates,
    SetExchangeRate,
)
from domain.ledger.exchange_rates import ImportedRates, RateKey, RateList, RateSource, parse_rate
from domain.shared.pages import Cursor


class RateRequest(Body):
    """How much of the second currency one unit of the first one is worth."""

    rate: Annotated[str, Field(max_length=64)]


class RatesForm(Fields):
    """A form with nothing but a file."""


class RatesResponse(Response):
    """Rates of a day and source: how much of each currency one unit of `base` is worth."""

    day: date
    base: str
    source: RateSource
    rates: dict[str, str]

    @classmethod
    def of(cls, rate_list: RateList) -> Self:
        rates = {code: plain(rate) for code, rate in sorted(rate_list.rates.items())}
        return cls.copy_from(rate_list, rates=rates)


class ImportedRatesResponse(Response):
    """How many days and rates a file had."""

    days: int
    rates: int
    first_day: date
    last_day: date

    @classmethod
    def of(cls, imported: ImportedRates) -> Self:
        return cls.copy_from(imported)


class ExchangeRatesView(CallerView):
    """The rates of a user."""

    scopes = {"get": READ_ACCOUNTS}
    list_exchange_rates: ListExchangeRates

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List imported and typed rates, latest day first."""
        query = read_query(request, PageQuery)
        page = unwrap(
            await self.list_exchange_rates(
                user_id=self.caller.user_id, after=query.after(Cursor), limit=query.limit
            )
        )
        return respond(PageResponse[RatesResponse].of(page, RatesResponse.of))


class ExchangeRatesImportView(CallerView):
    """A file of exchange rates."""

    scopes = {"post": WRITE_IMPORTS}
    import_exchange_rates: ImportExchangeRates

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Import the file of the ECB in the form field `file`."""
        refuse_query(request)
        async with read_upload(request, "file", settings.IMPORT_MAX_BYTES) as upload:
            read_fields(upload.fields, RatesForm)
            imported = unwrap(
                await self.import_exchange_rates(
                    user_id=self.caller.user_id, content=upload.content
                )
            )
            return respond(ImportedRatesResponse.of(imported))


class ExchangeRateView(CallerView):
    """The rate of a day that a user types."""

    scopes = {"put": WRITE_TRANSACTIONS, "delete": WRITE_TRANSACTIONS}
    set_exchange_rate: SetExchangeRate
    delete_exchange_rate: DeleteExchangeRate

    async def put(self, request: HttpRequest, day: str, base: str, quote: str) -> HttpResponse:
        """Set the rate."""
        refuse_query(request)
        body = await read(request, RateRequest)
        key, rate = unwrap(RateKey.parse(day, base, quote)), unwrap(parse_rate(body.rate))
        rate_list = unwrap(
            await self.set_exchange_rate(user_id=self.caller.user_id, key=key, rate=rate)
        )
        return respond(RatesResponse.of(rate_list))

    async def delete(self, request: HttpRequest, day: str, base: str, quote: str) -> HttpResponse:
        """Delete the rate."""
        refuse_query(request)
        key = unwrap(RateKey.parse(day, base, quote))
        unwrap(await self.delete_exchange_rate(user_id=self.caller.user_id, key=key))
        return no_content()
