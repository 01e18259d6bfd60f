"""Everything of a person's as a file, over HTTP."""

from django.http import HttpRequest, HttpResponseBase

from dashtam.api.downloads import download
from dashtam.api.http import refuse_query
from dashtam.api.problems import problem
from dashtam.api.session import SessionView
from dashtam.application.identity.personal_data import ExportUser
from domain.shared.result import Failure, Success


class MyExportView(SessionView):
    """Everything of the user who asks."""

    export_user: ExportUser
    sensitive = frozenset({"get"})

    async def get(self, request: HttpRequest) -> HttpResponseBase:
        """Send all that is kept of the user as a file."""
        refuse_query(request)
        match await self.export_user(user_id=self.session.user_id):
            case Success(file):
                return download(
                    file.content, size=file.size, name=file.name, media_type=file.media_type
                )
            case Failure(error):
                return problem(error, request)
