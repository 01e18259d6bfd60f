"""Transactions of one account that may be the same."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import Body, read, read_query
from dashtam.api.ledger.parameters import READ_TRANSACTIONS, WRITE_TRANSACTIONS, PageQuery
from dashtam.api.ledger.transfers import LegResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, respond
from dashtam.api.session import CallerView
from dashtam.application.ledger.matches import DecideMatch, ListMatches
from domain.ledger.suggested_matches import MatchDecision, MatchStatus, SuggestedMatch
from domain.shared.ids import MatchId


class MatchResponse(Response):
    """A transaction that an import added, the one that it may be, and what was decided."""

    id: UUID
    status: MatchStatus
    added: LegResponse
    existing: LegResponse
    decided_at: datetime | None

    @classmethod
    def of(cls, match: SuggestedMatch) -> Self:
        return cls.copy_from(
            match, added=LegResponse.of(match.added), existing=LegResponse.of(match.existing)
        )


class MatchesQuery(PageQuery):
    """Which matches to return."""

    status: MatchStatus = MatchStatus.SUGGESTED


class DecideMatchRequest(Body):
    """The user's decision about two transactions."""

    decision: MatchDecision


class MatchesView(CallerView):
    """Pairs of transactions that may be the same, are the same, or were refused as such."""

    scopes = {"get": READ_TRANSACTIONS}
    list_matches: ListMatches

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of matches, latest first."""
        query = read_query(request, MatchesQuery)
        page = unwrap(
            await self.list_matches(
                user_id=self.caller.user_id,
                status=query.status,
                after=query.after_id(MatchId),
                limit=query.limit,
            )
        )
        return respond(PageResponse[MatchResponse].of(page, MatchResponse.of))


class MatchView(CallerView):
    """One match."""

    scopes = {"put": WRITE_TRANSACTIONS}
    decide_match: DecideMatch

    async def put(self, request: HttpRequest, match_id: UUID) -> HttpResponse:
        """Confirm or refuse it for good; what is confirmed becomes one transaction."""
        body = await read(request, DecideMatchRequest)
        match = unwrap(
            await self.decide_match(
                match_id=MatchId(match_id), decision=body.decision, user_id=self.caller.user_id
            )
        )
        return respond(MatchResponse.of(match))
