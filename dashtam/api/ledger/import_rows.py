"""The rows of imported files: what each states, what became of it, and which transaction it met."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.http import read_query
from dashtam.api.ledger.parameters import READ_IMPORTS, PageQuery
from dashtam.api.problems import unwrap
from dashtam.api.responses import PageResponse, Response, respond_in_thread
from dashtam.api.session import CallerView
from dashtam.application.ledger.import_queries import ListImportRows
from domain.ledger.imported import ImportRow, ImportRowsPage, MetTransaction, RowCursor, Stated
from domain.ledger.values import MatchResult
from domain.shared.ids import ImportId


class StatedResponse(Response):
    """What is stated about a transaction."""

    booking_date: date
    amount: str
    currency: str
    payee: str
    description: str

    @classmethod
    def of(cls, stated: Stated, **more: Any) -> Self:
        amount = stated.amount
        return cls.copy_from(stated, amount=amount.digits, currency=amount.currency, **more)


class MetResponse(StatedResponse):
    """A transaction that a row met, as it is stated apart from that row."""

    transaction_id: UUID

    @classmethod
    def that(cls, met: MetTransaction) -> Self:
        return cls.of(met.stated, transaction_id=met.id)


class ImportRowResponse(StatedResponse):
    """A row of a file: what it states, its result, and which transaction it is.

    `met` is the transaction as it was stated before; the one that the row contradicts; or, of a new
    transaction, the one that it may be in other words.
    """

    line: int
    result: MatchResult
    transaction_id: UUID | None
    met: MetResponse | None

    @classmethod
    def row(cls, row: ImportRow) -> Self:
        return cls._row(row, row.transaction_id)

    @classmethod
    def foreseen(cls, row: ImportRow) -> Self:
        """Leave the transaction out where it would be a new one."""
        is_new = row.result in (MatchResult.NEW, MatchResult.CONFLICT)
        return cls._row(row, None if is_new else row.transaction_id)

    @classmethod
    def _row(cls, row: ImportRow, transaction_id: UUID | None) -> Self:
        met = MetResponse.that(row.met) if row.met else None
        return cls.of(
            row.stated,
            line=row.line,
            result=row.result,
            transaction_id=transaction_id,
            met=met,
        )


class ImportRowsView(CallerView):
    """The rows of an imported file."""

    scopes = {"get": READ_IMPORTS}
    list_import_rows: ListImportRows

    async def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """List a page of rows in the order of the file, each with its result."""
        query = read_query(request, PageQuery)
        page = unwrap(
            await self.list_import_rows(
                import_id=ImportId(import_id),
                user_id=self.caller.user_id,
                after=query.after(RowCursor),
                limit=query.limit,
            )
        )
        return await respond_in_thread(_page_of, page)


def _page_of(page: ImportRowsPage) -> PageResponse[ImportRowResponse]:
    return PageResponse[ImportRowResponse].of(page, ImportRowResponse.row)
