"""The ledger as a file, over HTTP."""

from django.http import HttpRequest, HttpResponseBase

from dashtam.api.downloads import download
from dashtam.api.http import read_query
from dashtam.api.ledger.export_schemas import ExportQuery
from dashtam.api.ledger.scopes import READ_LEDGER
from dashtam.api.problems import problem
from dashtam.api.session import CallerView
from dashtam.application.ledger.export_ledger import ExportLedger
from domain.shared.result import Failure, Success


class ExportView(CallerView):
    """A user's ledger in a format of other programs."""

    scopes = {"get": READ_LEDGER}
    export_ledger: ExportLedger

    async def get(self, request: HttpRequest) -> HttpResponseBase:
        """Send the ledger, or one account of it, as a file."""
        query = read_query(request, ExportQuery)
        match await self.export_ledger(
            user_id=self.caller.user_id, format=query.format, scope=query.scope()
        ):
            case Success(file):
                return download(
                    file.content, size=file.size, name=file.name, media_type=file.media_type
                )
            case Failure(error):
                return problem(error, request)
