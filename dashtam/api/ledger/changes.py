"""The change feed: every change of a ledger, in order."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from dashtam.api.http import read_query
from dashtam.api.ledger.accounts import AccountBody
from dashtam.api.ledger.categories import CategoryBody
from dashtam.api.ledger.holdings import HoldingBody
from dashtam.api.ledger.parameters import READ_LEDGER, PageQuery
from dashtam.api.ledger.transactions import TransactionBody
from dashtam.api.ledger.values import BalanceResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import Response, respond_with_page
from dashtam.api.session import CallerView
from dashtam.application.ledger.changes import ListChanges
from domain.ledger.categories import Category
from domain.ledger.changes import Change, ChangedResource, ChangeKind, Content, FeedCursor
from domain.ledger.entities import Account, Holding, Transaction
from domain.ledger.imported import BalanceSnapshot

_NO_CONTENTS = {str(resource): None for resource in ChangedResource}


class ChangedTransactionResponse(TransactionBody):
    """A version of a transaction. Which import it came from is not part of it."""

    raw: dict[str, str]


class ChangeResponse(Response):
    """One change; the new version is under the name of its resource, unless it was removed."""

    resource: ChangedResource
    change: ChangeKind
    id: UUID
    account_id: UUID | None
    version: int
    recorded_at: datetime
    account: AccountBody | None
    transaction: ChangedTransactionResponse | None
    balance: BalanceResponse | None
    holding: HoldingBody | None
    category: CategoryBody | None

    @classmethod
    def values_of(cls, change: Change) -> dict[str, Any]:
        new, resource = change.content, change.cursor.resource
        return cls.values_from(
            change,
            resource=str(resource),
            change=str(change.kind),
            id=change.cursor.id,
            version=change.cursor.version,
            **_NO_CONTENTS | {str(resource): _content(new)},
        )


def _content(new: Content | None) -> BaseModel | dict[str, Any] | None:
    match new:
        case None:
            return None
        case Transaction():
            return ChangedTransactionResponse.values_of(new)
        case Account():
            return AccountBody.of(new)
        case BalanceSnapshot():
            return BalanceResponse.of(new)
        case Holding():
            return HoldingBody.of(new)
        case Category():
            return CategoryBody.copy_from(new)


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
        return await respond_with_page(page, ChangeResponse.values_of, has_more=page.has_more)
