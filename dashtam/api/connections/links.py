"""Accounts that a connection reports, and the accounts of the ledger that they fill."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body, read, refuse_query
from dashtam.api.ledger.parameters import READ_CONNECTIONS, WRITE_CONNECTIONS
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, respond
from dashtam.api.session import CallerView
from dashtam.application.connections.links import (
    DecideLink,
    LinkPreview,
    ListLinks,
    PreviewLink,
)
from domain.connections.links import AccountLink
from domain.connections.providers import TroubleKind
from domain.connections.values import LinkStatus
from domain.shared.ids import AccountId, ConnectionId


class LinkDecisionRequest(Body):
    """`linked` to an account, `new` for an account of its own, or `ignored`.

    Without `account_id`, `linked` fills the account again that it filled before.
    """

    status: Literal["linked", "new", "ignored"]
    account_id: UUID | None = Field(default=None, strict=False)

    @model_validator(mode="after")
    def _names_an_account_to_link(self) -> Self:
        if self.account_id and self.status != "linked":
            raise PydanticCustomError("account", "Only linked has an account_id")
        return self


class LinkPreviewRequest(Body):
    """The account that it would be linked to."""

    account_id: UUID = Field(strict=False)


class LinkResponse(Response):
    """An account as its provider describes it, what it fills, and how far it was answered."""

    id: UUID
    name: str
    number: str
    institution: str
    currency: str
    kind: str
    status: LinkStatus
    account_id: UUID | None
    candidates: Sequence[UUID]
    linked_at: datetime | None
    covered_from: date | None
    covered_to: date | None
    answered_at: datetime | None
    import_id: UUID | None
    missing: bool
    problem: TroubleKind | None
    problem_detail: str
    problem_since: datetime | None

    @classmethod
    def of(cls, link: AccountLink) -> Self:
        return cls.copy_from(link, candidates=sorted(link.candidates), missing=link.missing > 0)


class LinkPreviewResponse(Response):
    """What linking would do, for these days."""

    date_from: date
    date_to: date
    certain: int
    to_decide: int
    only_there: int
    only_here: int

    @classmethod
    def of(cls, preview: LinkPreview) -> Self:
        window = preview.window
        return cls.copy_from(preview, date_from=window.first, date_to=window.last)


class LinksView(CallerView):
    """The accounts of a connection."""

    scopes = {"get": READ_CONNECTIONS}
    list_links: ListLinks

    async def get(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        """List them."""
        refuse_query(request)
        found = unwrap(
            await self.list_links(
                connection_id=ConnectionId(connection_id), user_id=self.caller.user_id
            )
        )
        return respond(ListResponse[LinkResponse].of(found, LinkResponse.of))


class LinkView(CallerView):
    """One account of a connection."""

    scopes = {"patch": WRITE_CONNECTIONS}
    decide_link: DecideLink

    async def patch(self, request: HttpRequest, connection_id: UUID, link_id: UUID) -> HttpResponse:
        """Say which account it is, or that it is ignored."""
        body = await read(request, LinkDecisionRequest)
        link = unwrap(
            await self.decide_link(
                connection_id=ConnectionId(connection_id),
                link_id=link_id,
                user_id=self.caller.user_id,
                status=LinkStatus(body.status),
                account_id=AccountId(body.account_id) if body.account_id else None,
            )
        )
        return respond(LinkResponse.of(link))


class LinkPreviewView(CallerView):
    """What it would do to link an account."""

    scopes = {"post": WRITE_CONNECTIONS}
    preview_link: PreviewLink

    async def post(self, request: HttpRequest, connection_id: UUID, link_id: UUID) -> HttpResponse:
        """Ask the provider, compare with the account, and change nothing."""
        body = await read(request, LinkPreviewRequest)
        preview = unwrap(
            await self.preview_link(
                connection_id=ConnectionId(connection_id),
                link_id=link_id,
                user_id=self.caller.user_id,
                account_id=AccountId(body.account_id),
            )
        )
        return respond(LinkPreviewResponse.of(preview))
