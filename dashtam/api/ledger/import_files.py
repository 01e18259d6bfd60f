"""Which imports to list, and the files that were imported."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from dashtam.api.downloads import download
from dashtam.api.http import refuse_query
from dashtam.api.ledger.parameters import READ_IMPORTS, PageQuery, PeriodQuery
from dashtam.api.problems import unwrap
from dashtam.api.session import CallerView
from dashtam.api.texts import FormatName
from dashtam.application.ledger.import_queries import DownloadImport, ImportsPage
from domain.ledger.import_filter import ImportFilter
from domain.ledger.imports import ImportStatus, StatementImport
from domain.shared.ids import AccountId, ImportId
from domain.shared.pages import BoundCursor, IdCursor, digest_of_list


class ImportsQuery(PageQuery, PeriodQuery):
    """Which imports to list; dates are those of the day of import in UTC, both included.

    What was written by hand is left out otherwise.
    """

    account_id: UUID | None = None
    format: FormatName | None = None
    status: ImportStatus | None = None
    by_hand: bool = False

    def filter(self) -> ImportFilter:
        return ImportFilter(
            account_id=AccountId(self.account_id) if self.account_id else None,
            format=self.format,
            status=self.status,
            first_day=self.date_from,
            last_day=self.date_to,
            by_hand=self.by_hand,
        )

    def after_id_in(self, where: ImportFilter) -> ImportId | None:
        """Return where to continue, in a list with the filter of the cursor."""
        bound = self.after(BoundCursor)
        if bound is None:
            return None
        return ImportId(unwrap(bound.within(_digest_of(where), IdCursor)).id)


def _digest_of(where: ImportFilter) -> bytes:
    return digest_of_list(*astuple(where))


@dataclass(frozen=True, slots=True)
class BoundPage:
    """Imports, and the cursor for the ones after them in this list."""

    items: Sequence[StatementImport]
    next: BoundCursor | None

    @classmethod
    def of(cls, page: ImportsPage, where: ImportFilter) -> Self:
        last = BoundCursor(_digest_of(where), page.next.pack()) if page.next else None
        return cls(page.items, last)


class ImportFileView(CallerView):
    """The file of an import."""

    scopes = {"get": READ_IMPORTS}
    download_import: DownloadImport

    async def get(self, request: HttpRequest, import_id: UUID) -> HttpResponseBase:
        """Download the file as it was uploaded."""
        refuse_query(request)
        file = unwrap(
            await self.download_import(import_id=ImportId(import_id), user_id=self.caller.user_id)
        )
        return download(file)
