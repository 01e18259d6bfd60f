"""Exports: the ledger as a file."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from dashtam.api.downloads import download
from dashtam.api.http import read_query
from dashtam.api.ledger.parameters import READ_LEDGER, PeriodQuery
from dashtam.api.problems import unwrap
from dashtam.api.session import CallerView
from dashtam.api.texts import FormatName
from dashtam.application.ledger.export_ledger import ExportLedger
from domain.ledger.exports import ExportScope
from domain.shared.ids import AccountId


class ExportQuery(PeriodQuery):
    """The format, and how much of the ledger to export; dates are booking dates."""

    format: FormatName
    account_id: UUID | None = None

    def scope(self) -> ExportScope:
        return ExportScope(
            account_id=AccountId(self.account_id) if self.account_id else None,
            first_day=self.date_from,
            last_day=self.date_to,
        )


class ExportView(CallerView):
    """A user's ledger in a format of other programs."""

    scopes = {"get": READ_LEDGER}
    export_ledger: ExportLedger

    async def get(self, request: HttpRequest) -> HttpResponseBase:
        """Export the ledger, or one account of it, as a file."""
        query = read_query(request, ExportQuery)
        file = unwrap(
            await self.export_ledger(
                user_id=self.caller.user_id, format=query.format, scope=query.scope()
            )
        )
        return download(file)
