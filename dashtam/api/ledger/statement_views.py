"""Statements of an account over HTTP, and whether they follow one another."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer_beside
from dashtam.api.http import read_query
from dashtam.api.ledger.scopes import READ_ACCOUNTS
from dashtam.api.ledger.statement_schemas import (
    ContinuityQuery,
    ContinuityResponse,
    StatementsQuery,
    StatementsResponse,
)
from dashtam.api.problems import problem
from dashtam.api.session import CallerView
from dashtam.application.ledger.statement_queries import ListStatements, ShowContinuity
from domain.shared.ids import AccountId
from domain.shared.pages import Cursor
from domain.shared.result import Failure, Success


class StatementsView(CallerView):
    """The statements of an account."""

    scopes = {"get": READ_ACCOUNTS}
    list_statements: ListStatements

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """List a page of them, latest day first."""
        query = read_query(request, StatementsQuery)
        match await self.list_statements(
            account_id=AccountId(account_id),
            user_id=self.caller.user_id,
            proof=query.proof,
            after=query.place(Cursor.parse),
            limit=query.limit,
        ):
            case Success(page):
                return await answer_beside(StatementsResponse.of, page)
            case Failure(error):
                return problem(error, request)


class ContinuityView(CallerView):
    """Whether the statements of an account follow one another."""

    scopes = {"get": READ_ACCOUNTS}
    show_continuity: ShowContinuity

    async def get(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Tell what holds, what is missing, and what does not add up."""
        query = read_query(request, ContinuityQuery)
        match await self.show_continuity(
            account_id=AccountId(account_id), user_id=self.caller.user_id
        ):
            case Success(continuity):
                return await answer_beside(ContinuityResponse.of, continuity, query.limit)
            case Failure(error):
                return problem(error, request)
