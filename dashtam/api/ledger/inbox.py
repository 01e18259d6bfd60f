"""The inbox: everything that waits for a decision."""

from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import read_query
from dashtam.api.ledger.parameters import READ_TRANSACTIONS, PageQuery
from dashtam.api.ledger.transfers import LegResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, respond
from dashtam.api.session import CallerView
from dashtam.application.ledger.inbox import ListInbox
from domain.ledger.conflicts import Conflict, ConflictDecision
from domain.ledger.inbox import InboxCursor, InboxItem, InboxKind, InboxPage
from domain.ledger.suggested_matches import MatchDecision, SuggestedMatch
from domain.ledger.transfers import TransferDecision


class DecideResponse(Response):
    """The request that decides: one of the decisions, and the fields of the body beside it."""

    method: str
    path: str
    decisions: list[str]
    body: dict[str, str]


class InboxItemResponse(Response):
    """Two transactions about which there is something to decide, and how."""

    kind: InboxKind
    id: UUID | None
    transactions: list[LegResponse]
    decide: DecideResponse

    @classmethod
    def of(cls, item: InboxItem) -> Self:
        content = item.content
        return cls(
            kind=item.kind,
            id=content.id if isinstance(content, Conflict | SuggestedMatch) else None,
            transactions=[LegResponse.of(leg) for leg in item.legs],
            decide=_decide(item),
        )


class InboxResponse(PageResponse[InboxItemResponse]):
    """A page of the inbox; the first one counts what waits, by kind."""

    waiting: dict[InboxKind, int] | None

    @classmethod
    def with_counts(cls, page: InboxPage) -> Self:
        waiting = dict(page.waiting) if page.waiting is not None else None
        return cls.of(page, InboxItemResponse.of, waiting=waiting)


class InboxQuery(PageQuery):
    """Which kind of items to return; all of them if none is named."""

    kind: InboxKind | None = None


class InboxView(CallerView):
    """What waits for a decision."""

    scopes = {"get": READ_TRANSACTIONS}
    list_inbox: ListInbox

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of conflicts, suggested matches and suggested transfers."""
        query = read_query(request, InboxQuery)
        page = unwrap(
            await self.list_inbox(
                user_id=self.caller.user_id,
                kind=query.kind,
                after=query.after(InboxCursor),
                limit=query.limit,
            )
        )
        return respond(InboxResponse.with_counts(page))


def _decide(item: InboxItem) -> DecideResponse:
    """Return the request that decides about an item."""
    content = item.content
    if isinstance(content, Conflict):
        path, decisions = f"conflicts/{content.id}", [each.value for each in ConflictDecision]
        return DecideResponse(method="PUT", path=path, decisions=decisions, body={})
    if isinstance(content, SuggestedMatch):
        path, decisions = f"matches/{content.id}", [each.value for each in MatchDecision]
        return DecideResponse(method="PUT", path=path, decisions=decisions, body={})
    pair = content.pair
    return DecideResponse(
        method="POST",
        path="transfers",
        decisions=[each.value for each in TransferDecision],
        body={
            "outgoing_id": str(pair.outgoing.transaction_id),
            "incoming_id": str(pair.incoming.transaction_id),
        },
    )
