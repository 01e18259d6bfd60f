"""Conflicts: transactions that have one id of the bank and contradict each other."""

from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import Body, read, read_query
from dashtam.api.ledger.parameters import READ_TRANSACTIONS, WRITE_TRANSACTIONS, PageQuery
from dashtam.api.ledger.transfers import LegResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, respond
from dashtam.api.session import CallerView
from dashtam.application.ledger.conflicts import DecideConflict, ListConflicts
from domain.ledger.conflicts import Conflict, ConflictDecision
from domain.shared.ids import TransactionId


class ConflictResponse(Response):
    """A transaction that an import added, and the one whose id it has."""

    id: UUID
    added: LegResponse
    existing: LegResponse

    @classmethod
    def of(cls, conflict: Conflict) -> Self:
        return cls(
            id=conflict.id,
            added=LegResponse.of(conflict.added),
            existing=LegResponse.of(conflict.existing),
        )


class DecideConflictRequest(Body):
    """Which of the two transactions stays."""

    decision: ConflictDecision


class ConflictsView(CallerView):
    """Conflicts that wait for a decision."""

    scopes = {"get": READ_TRANSACTIONS}
    list_conflicts: ListConflicts

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of conflicts, latest first."""
        query = read_query(request, PageQuery)
        page = unwrap(
            await self.list_conflicts(
                user_id=self.caller.user_id,
                after=query.after_id(TransactionId),
                limit=query.limit,
            )
        )
        return respond(PageResponse[ConflictResponse].of(page, ConflictResponse.of))


class ConflictView(CallerView):
    """One conflict."""

    scopes = {"put": WRITE_TRANSACTIONS}
    decide_conflict: DecideConflict

    async def put(self, request: HttpRequest, conflict_id: UUID) -> HttpResponse:
        """Decide which of the two stays; the other one is deleted, and can be restored."""
        body = await read(request, DecideConflictRequest)
        conflict = unwrap(
            await self.decide_conflict(
                conflict_id=TransactionId(conflict_id),
                decision=body.decision,
                user_id=self.caller.user_id,
            )
        )
        return respond(ConflictResponse.of(conflict))
