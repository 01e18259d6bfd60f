"""Merges: two accounts are one."""

from datetime import datetime
from http import HTTPStatus
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import Body, read, read_query, refuse_query
from dashtam.api.ledger.parameters import READ_ACCOUNTS, WRITE_TRANSACTIONS, PageQuery
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, respond
from dashtam.api.session import CallerView
from dashtam.application.ledger.merge_accounts import (
    ListMerges,
    MergeAccounts,
    ShowMerge,
    UndoMerge,
)
from domain.ledger.merges import AccountMerge, MergedRows
from domain.shared.ids import AccountId, MergeId


class MergeRequest(Body):
    """The account that stays, and the one that is merged into it."""

    account_id: UUID
    merged_id: UUID


class MergedRowsResponse(Response):
    """What became of the rows of the merged account; of the new ones, some may be duplicates."""

    new: int
    same: int
    updates: int
    conflict: int
    deleted: int
    suggested: int

    @classmethod
    def of(cls, rows: MergedRows) -> Self:
        return cls.copy_from(rows)


class MergePreviewResponse(Response):
    """What a merge does: how many imports it makes again, and what becomes of their rows."""

    account_id: UUID
    merged_id: UUID
    merged_name: str
    imports: int
    rows: MergedRowsResponse

    @classmethod
    def of(cls, merge: AccountMerge) -> Self:
        return cls.copy_from(
            merge,
            merged_id=merge.merged.id,
            merged_name=merge.merged.name,
            imports=len(merge.imports),
            rows=MergedRowsResponse.of(merge.rows),
        )


class MergeResponse(MergePreviewResponse):
    """A merge that was made, and when it was undone, if it was."""

    id: UUID
    merged_at: datetime
    undone_at: datetime | None


class MergesView(CallerView):
    """The merges of a user."""

    scopes = {"get": READ_ACCOUNTS, "post": WRITE_TRANSACTIONS}
    list_merges: ListMerges
    merge_accounts: MergeAccounts

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of merges, latest first."""
        query = read_query(request, PageQuery)
        page = unwrap(
            await self.list_merges(
                user_id=self.caller.user_id, after=query.after_id(MergeId), limit=query.limit
            )
        )
        return respond(PageResponse[MergeResponse].of(page, MergeResponse.of))

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Merge an account into another one: its imports are made again into that one."""
        body = await read(request, MergeRequest)
        merge = unwrap(
            await self.merge_accounts(
                account_id=AccountId(body.account_id),
                merged_id=AccountId(body.merged_id),
                user_id=self.caller.user_id,
            )
        )
        location = f"account-merges/{merge.id}"
        return respond(MergeResponse.of(merge), HTTPStatus.CREATED, location=location)


class MergePreviewView(CallerView):
    """What a merge would do."""

    scopes = {"post": WRITE_TRANSACTIONS}
    merge_accounts: MergeAccounts

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Show what a merge would do, and change nothing."""
        body = await read(request, MergeRequest)
        merge = unwrap(
            await self.merge_accounts.preview(
                account_id=AccountId(body.account_id),
                merged_id=AccountId(body.merged_id),
                user_id=self.caller.user_id,
            )
        )
        return respond(MergePreviewResponse.of(merge))


class MergeView(CallerView):
    """One merge."""

    scopes = {"get": READ_ACCOUNTS, "delete": WRITE_TRANSACTIONS}
    show_merge: ShowMerge
    undo_merge: UndoMerge

    async def get(self, request: HttpRequest, merge_id: UUID) -> HttpResponse:
        """Show a merge."""
        refuse_query(request)
        merge = unwrap(
            await self.show_merge(merge_id=MergeId(merge_id), user_id=self.caller.user_id)
        )
        return respond(MergeResponse.of(merge))

    async def delete(self, request: HttpRequest, merge_id: UUID) -> HttpResponse:
        """Undo a merge: its imports are made again into the account that they were of."""
        merge = unwrap(
            await self.undo_merge(merge_id=MergeId(merge_id), user_id=self.caller.user_id)
        )
        return respond(MergeResponse.of(merge))
