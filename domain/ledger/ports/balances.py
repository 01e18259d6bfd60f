"""Ports for balances by day. Every call names the owner of the rows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from domain.ledger.balances import DailyBalance
from domain.ledger.days import Days
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Result


class DailyBalanceRepository(Protocol):
    """The balance of every account, currency and day: lists, net worth and exports have it."""

    async def by_day(
        self,
        days: Days,
        *,
        owner: UserId,
        account_id: AccountId | None = None,
        moment: datetime | None = None,
    ) -> Result[Sequence[DailyBalance], Unavailable]:
        """Return balances by account, latest day first, and by currency within a day.

        There is one for each currency in which the account has a balance or a booked transaction.
        Booked balances count, or the available ones of an investment account without a booked one;
        of several for a day, the one recorded last, unless a statement of that day goes on from it.
        """

    async def first_day(
        self, account_id: AccountId, *, owner: UserId, moment: datetime | None = None
    ) -> Result[date | None, Unavailable]:
        """Return the first day with a balance or a transaction."""
