"""Files that are brought in, over HTTP."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, answer_beside
from dashtam.api.http import read_query, refuse_query
from dashtam.api.ledger.import_forms import read_import
from dashtam.api.ledger.import_row_schemas import ImportRowsResponse
from dashtam.api.ledger.import_schemas import (
    ImportFormatsResponse,
    ImportResponse,
    ImportsResponse,
)
from dashtam.api.ledger.pages import PageQuery, id_place
from dashtam.api.ledger.scopes import READ_IMPORTS, WRITE_IMPORTS
from dashtam.api.problems import problem
from dashtam.api.session import CallerView
from dashtam.application.ledger.import_queries import ListImportRows, ListImports, ShowImport
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.ledger.submit_import import ReimportStatement, SubmitImport
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.imports import RowCursor, StatementImport
from domain.shared.ids import ImportId
from domain.shared.result import Failure, Success


class ImportsView(CallerView):
    """The collection of imported files."""

    scopes = {"get": READ_IMPORTS, "post": WRITE_IMPORTS}
    submit_import: SubmitImport
    list_imports: ListImports

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List imports, newest first."""
        query = read_query(request, PageQuery)
        after = query.place(id_place)
        match await self.list_imports(
            user_id=self.caller.user_id,
            after=ImportId(after) if after else None,
            limit=query.limit,
        ):
            case Success(page):
                return await answer_beside(ImportsResponse.of, page)
            case Failure(error):
                return problem(error, request)

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Import a statement file, sent as the part `file` of a multipart form, now or later."""
        async with read_import(request, self.caller.user_id) as submitted:
            match await self.submit_import(submitted):
                case Success(done):
                    return await _taken(done)
                case Failure(error):
                    return problem(error, request)


class ImportFormatsView(CallerView):
    """The formats that are read."""

    scopes = {"get": READ_IMPORTS}
    read_statement: ReadStatement

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List them; which one a file is of is found out from its content."""
        refuse_query(request)
        return answer(ImportFormatsResponse(items=self.read_statement.formats))


class ImportView(CallerView):
    """One imported file."""

    scopes = {"get": READ_IMPORTS, "delete": WRITE_IMPORTS}
    show_import: ShowImport
    undo_import: UndoImport

    async def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Show what became of the file."""
        refuse_query(request)
        match await self.show_import(import_id=ImportId(import_id), user_id=self.caller.user_id):
            case Success(done):
                return await answer_beside(ImportResponse.of, done)
            case Failure(error):
                return problem(error, request)

    async def delete(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Take back what the import brought and changed."""
        match await self.undo_import(import_id=ImportId(import_id), user_id=self.caller.user_id):
            case Success(done):
                return await answer_beside(ImportResponse.of, done)
            case Failure(error):
                return problem(error, request)


class ImportRowsView(CallerView):
    """The rows of one imported file."""

    scopes = {"get": READ_IMPORTS}
    list_import_rows: ListImportRows

    async def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """List them in the order of the file, each with its verdict."""
        query = read_query(request, PageQuery)
        match await self.list_import_rows(
            import_id=ImportId(import_id),
            user_id=self.caller.user_id,
            after=query.place(RowCursor.parse),
            limit=query.limit,
        ):
            case Success(page):
                return answer(ImportRowsResponse.of(page))
            case Failure(error):
                return problem(error, request)


class ReimportView(CallerView):
    """A kept file, once more."""

    scopes = {"post": WRITE_IMPORTS}
    reimport_statement: ReimportStatement

    async def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Import the same file with the same hints, now or later."""
        match await self.reimport_statement(
            import_id=ImportId(import_id), user_id=self.caller.user_id
        ):
            case Success(done):
                return await _taken(done)
            case Failure(error):
                return problem(error, request)


async def _taken(done: StatementImport) -> HttpResponse:
    """Say where to look for what became of the file, or will."""
    status = HTTPStatus.ACCEPTED if done.is_waiting else HTTPStatus.CREATED
    response = await answer_beside(ImportResponse.of, done, status=status)
    response["Location"] = f"/api/v1/imports/{done.id}"
    return response
