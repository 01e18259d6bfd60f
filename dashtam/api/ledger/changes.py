"""The change feed: every change of a ledger, in order."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import read_query
from dashtam.api.ledger.accounts import AccountBody
from dashtam.api.ledger.holdings import HoldingBody
from dashtam.api.ledger.parameters import READ_LEDGER, PageQuery
from dashtam.api.ledger.transactions import TransactionBody
from dashtam.api.ledger.values import BalanceResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, respond_in_thread
from dashtam.api.session import CallerView
from dashtam.application.ledger.changes import ListChanges
from domain.ledger.changes import Change, ChangedResource, ChangeKind, ChangesPage, FeedCursor
from domain.ledger.entities import Account, BalanceSnapshot, Holding, Transaction


class ChangedTransactionResponse(TransactionBody):
    """A version of a transaction. Which import it came from is not part of it."""

    raw: dict[str, str]


class ChangeResponse(Response):
    """One change; the new version is under the name of its resource, unless it was removed."""

    resource: ChangedResource
    change: ChangeKind
    id: UUID
    account_id: UUID
    version: int
    recorded_at: datetime
    account: AccountBody | None
    transaction: ChangedTransactionResponse | None
    balance: BalanceResponse | None
    holding: HoldingBody | None

    @classmethod
    def of(cls, change: Change) -> Self:
        new = change.content
        return cls(
            resource=change.place.resource,
            change=change.kind,
            id=change.place.id,
            account_id=change.account_id,
            version=change.place.version,
            recorded_at=change.recorded_at,
            account=AccountBody.of(new) if isinstance(new, Account) else None,
            transaction=(
                ChangedTransactionResponse.of(new) if isinstance(new, Transaction) else None
            ),
            balance=BalanceResponse.of(new) if isinstance(new, BalanceSnapshot) else None,
            holding=HoldingBody.of(new) if isinstance(new, Holding) else None,
        )


class ChangesResponse(PageResponse[ChangeResponse]):
    """A page of changes; `next_cursor` is always there, for now or for later."""

    next_cursor: str
    has_more: bool

    @classmethod
    def in_order(cls, page: ChangesPage) -> Self:
        return cls.of(page, ChangeResponse.of, has_more=page.has_more)


class ChangesView(CallerView):
    """Every change of a user's ledger."""

    scopes = {"get": READ_LEDGER}
    list_changes: ListChanges

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List the changes after a cursor; without one, from the beginning."""
        query = read_query(request, PageQuery)
        page = unwrap(
            await self.list_changes(
                user_id=self.caller.user_id, after=query.after(FeedCursor), limit=query.limit
            )
        )
        return await respond_in_thread(ChangesResponse.in_order, page)
