"""Opening balances that users write by hand."""

from datetime import date
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import Body, read
from dashtam.api.ledger.parameters import WRITE_TRANSACTIONS
from dashtam.api.ledger.transaction_bodies import BookingDay, WrittenAmount
from dashtam.api.ledger.values import LedgerReconciliationResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import Response, no_content, respond
from dashtam.api.session import CallerView
from dashtam.application.ledger.opening_balances import (
    RemoveOpeningBalance,
    SetOpeningBalance,
    StatedOpening,
)
from domain.ledger.by_hand import OpeningBalance
from domain.shared.ids import AccountId
from domain.shared.money import Money


class OpeningBalanceRequest(Body):
    """What the account has at the beginning of a day, in its currency."""

    day: BookingDay
    amount: WrittenAmount


class OpeningBalanceResponse(Response):
    """An opening balance, and whether the ledger agrees with it."""

    account_id: UUID
    import_id: UUID
    day: date
    amount: str
    currency: str
    ledger: LedgerReconciliationResponse

    @classmethod
    def of(cls, stated: StatedOpening) -> Self:
        money = Money(stated.balance.amount, stated.account.currency)
        return cls(
            account_id=stated.account.id,
            import_id=stated.import_id,
            day=stated.balance.day,
            amount=money.digits,
            currency=money.currency,
            ledger=LedgerReconciliationResponse.of(stated.ledger),
        )


class OpeningBalanceView(CallerView):
    """The opening balance of an account, as its user states it."""

    scopes = {"put": WRITE_TRANSACTIONS, "delete": WRITE_TRANSACTIONS}
    set_opening_balance: SetOpeningBalance
    remove_opening_balance: RemoveOpeningBalance

    async def put(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Set it, or replace it by another one."""
        body = await read(request, OpeningBalanceRequest)
        stated = unwrap(
            await self.set_opening_balance(
                OpeningBalance(day=body.day, amount=body.amount),
                account_id=AccountId(account_id),
                user_id=self.caller.user_id,
            )
        )
        return respond(OpeningBalanceResponse.of(stated))

    async def delete(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Remove it."""
        unwrap(
            await self.remove_opening_balance(
                account_id=AccountId(account_id), user_id=self.caller.user_id
            )
        )
        return no_content()
