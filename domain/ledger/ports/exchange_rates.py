"""Ports for exchange rates. Every call names the owner of the rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from domain.ledger.exchange_rates import RateList, RateNotFound, UnreadableRates
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result


class ExchangeRateRepository(Protocol):
    """Exchange rates of a user by day, base and source."""

    async def upsert(self, rate_lists: Sequence[RateList]) -> Result[None, Unavailable]:
        """Store rates of distinct days, bases and sources; others of the same lists stay."""

    async def delete(self, rate_list: RateList) -> Result[None, RateNotFound | Unavailable]:
        """Delete the rates of these currencies from the list of this day, base and source."""

    async def between(
        self, first: date, last: date, *, owner: UserId
    ) -> Result[Sequence[RateList], Unavailable]:
        """Return all rates of these days, also those of confirmed exchanges between currencies."""

    async def page(
        self, *, owner: UserId, after: Cursor | None, limit: int
    ) -> Result[Page[RateList], Unavailable]:
        """List up to `limit` stored lists of rates, latest day first."""


class RateReader(Protocol):
    """Reads a file of exchange rates of the euro."""

    def __call__(
        self, content: bytes
    ) -> Result[Mapping[date, Mapping[str, Decimal]], UnreadableRates]: ...
