"""The changes of a ledger over HTTP."""

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer_beside
from dashtam.api.http import read_query
from dashtam.api.ledger.change_schemas import ChangesResponse
from dashtam.api.ledger.pages import PageQuery
from dashtam.api.ledger.scopes import READ_LEDGER
from dashtam.api.problems import problem
from dashtam.api.session import CallerView
from dashtam.application.ledger.changes import ListChanges
from domain.ledger.changes import FeedCursor
from domain.shared.result import Failure, Success


class ChangesView(CallerView):
    """Everything that becomes of a user's ledger, in order."""

    scopes = {"get": READ_LEDGER}
    list_changes: ListChanges

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List the changes behind a cursor; without one, from the beginning."""
        query = read_query(request, PageQuery)
        match await self.list_changes(
            user_id=self.caller.user_id, after=query.place(FeedCursor.parse), limit=query.limit
        ):
            case Success(page):
                return await answer_beside(ChangesResponse.of, page)
            case Failure(error):
                return problem(error, request)
