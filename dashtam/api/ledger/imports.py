"""Imported files and their rows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from dashtam.api.http import Body, read, read_fields, read_query, refuse_query
from dashtam.api.ledger.csv_profiles import (
    CsvForm,
    CsvProfileBody,
    HintFields,
    QuarantinedRowResponse,
    QuestionResponse,
)
from dashtam.api.ledger.import_files import BoundPage, ImportsQuery
from dashtam.api.ledger.parameters import READ_IMPORTS, WRITE_IMPORTS
from dashtam.api.ledger.values import LedgerReconciliationResponse, StatedBalanceResponse
from dashtam.api.problems import unwrap
from dashtam.api.responses import (
    ListResponse,
    PageResponse,
    Response,
    respond,
    respond_in_thread,
)
from dashtam.api.session import CallerView
from dashtam.api.uploads import Upload, read_upload
from dashtam.application.ledger.answer_questions import AnswerQuestions, Answers, ListQuestions
from dashtam.application.ledger.import_queries import (
    ImportsPage,
    ListImports,
    ShowImport,
)
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.ledger.submit_import import ReimportStatement, SubmitImport
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.errors import Refusal
from domain.ledger.import_filter import ImportFilter
from domain.ledger.imports import (
    ImportProgress,
    ImportRequest,
    ImportStatus,
    StatementImport,
    StatementOutcome,
)
from domain.ledger.previews import QueuedPreview
from domain.ledger.values import QuarantinedRow, Reconciliation
from domain.shared.ids import AccountId, ImportId, ProfileId, UserId
from domain.shared.pages import MAX_PAGE_SIZE


class ImportForm(CsvForm):
    """The account that a file is for, the profile to read it by, and when to import it."""

    account_id: UUID | None = None
    csv_profile_id: UUID | None = None
    background: bool = False

    def request(self, upload: Upload, user_id: UserId) -> ImportRequest:
        """Return what the form asks for."""
        return ImportRequest(
            user_id=user_id,
            file_name=upload.name,
            content=upload.content,
            hints=self.hints(),
            account_id=AccountId(self.account_id) if self.account_id else None,
            csv_profile_id=ProfileId(self.csv_profile_id) if self.csv_profile_id else None,
            background=self.background,
        )


class AnswersRequest(HintFields, Body):
    """Answers to the questions about a file that is stored."""

    account_id: UUID | None = None
    csv_profile_id: UUID | None = None

    def answers(self) -> Answers:
        return Answers(
            hints=self.hints(),
            account_id=AccountId(self.account_id) if self.account_id else None,
            csv_profile_id=ProfileId(self.csv_profile_id) if self.csv_profile_id else None,
        )


class StatementOutcomeResponse(Response):
    """One statement of a file: what it covers, whether it adds up, what became of its rows."""

    account_id: UUID
    number: str
    first_day: date | None
    last_day: date | None
    opening: StatedBalanceResponse | None
    closing: StatedBalanceResponse | None
    new: int
    same: int
    updates: int
    conflict: int
    deleted: int
    suggested: int
    balances: int
    reconciliation: Reconciliation
    ledger: LedgerReconciliationResponse

    @classmethod
    def of(cls, outcome: StatementOutcome, **more: Any) -> Self:
        opening, closing = outcome.opening, outcome.closing
        return cls.copy_from(
            outcome,
            opening=StatedBalanceResponse.of(opening) if opening else None,
            closing=StatedBalanceResponse.of(closing) if closing else None,
            ledger=LedgerReconciliationResponse.of(outcome.ledger),
            **more,
        )


class RefusalResponse(Response):
    """Why the file could not be imported, as a problem document would have said it."""

    code: str
    detail: str

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        return cls.copy_from(refusal)


class ProgressResponse(Response):
    """How many rows the file has, and how many of them have been entered."""

    rows: int
    entered: int

    @classmethod
    def of(cls, progress: ImportProgress) -> Self:
        return cls.copy_from(progress)


class ContentResponse(Response):
    """What was in a file; of the rows and positions that could not be read, the first ones."""

    format: str
    csv_profile: CsvProfileBody | None
    statements: list[StatementOutcomeResponse]
    quarantined: list[QuarantinedRowResponse]
    quarantined_total: int
    unread_holdings: list[QuarantinedRowResponse]
    unread_holdings_total: int

    @classmethod
    def of(cls, done: StatementImport, **more: Any) -> Self:
        profile = done.hints.csv_profile
        return cls.copy_from(
            done,
            csv_profile=CsvProfileBody.of(profile) if profile else None,
            statements=[StatementOutcomeResponse.of(outcome) for outcome in done.statements],
            quarantined=_first(done.quarantined),
            quarantined_total=len(done.quarantined),
            unread_holdings=_first(done.unread_holdings),
            unread_holdings_total=len(done.unread_holdings),
            **more,
        )


class QueuedFileResponse(Response):
    """How far the import of a file, or the preview of one, has got."""

    id: UUID
    status: ImportStatus
    error: RefusalResponse | None
    progress: ProgressResponse | None
    sha256: str
    size: int

    @staticmethod
    def state_of(queued: StatementImport | QueuedPreview) -> dict[str, Any]:
        return {
            "error": RefusalResponse.of(queued.error) if queued.error else None,
            "progress": ProgressResponse.of(queued.progress) if queued.progress else None,
            "sha256": queued.digest.hex(),
        }


class ImportResponse(ContentResponse, QueuedFileResponse):
    """An imported file, and what became of each of its rows."""

    file_name: str
    imported_at: datetime
    undone_at: datetime | None
    new: int
    same: int
    updates: int
    conflict: int
    deleted: int
    suggested: int

    @classmethod
    def of(cls, done: StatementImport, **more: Any) -> Self:
        return super().of(done, **cls.state_of(done), **more)


class StorageResponse(Response):
    """The bytes that a user's files take up, and how many they may."""

    used: int
    limit: int


class ImportsResponse(PageResponse[ImportResponse]):
    """A page of imports, and the storage that all of them use."""

    storage: StorageResponse

    @classmethod
    def with_storage(cls, page: ImportsPage, where: ImportFilter) -> Self:
        storage = StorageResponse(used=page.usage.stored, limit=page.quota.stored)
        return cls.of(BoundPage.of(page, where), ImportResponse.of, storage=storage)


class ImportsView(CallerView):
    """The imports of a user."""

    scopes = {"get": READ_IMPORTS, "post": WRITE_IMPORTS}
    submit_import: SubmitImport
    list_imports: ListImports

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List a page of imports, latest first."""
        query = read_query(request, ImportsQuery)
        where = query.filter()
        page = unwrap(
            await self.list_imports(
                user_id=self.caller.user_id,
                after=query.after_id_in(where),
                limit=query.limit,
                where=where,
            )
        )
        return await respond_in_thread(ImportsResponse.with_storage, page, where)

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Import a statement file, at once or in the background."""
        async with read_import(request, self.caller.user_id) as submitted:
            return await _respond_with_import(unwrap(await self.submit_import(submitted)))


class ImportFormatsView(CallerView):
    """The formats that can be imported."""

    scopes = {"get": READ_IMPORTS}
    read_statement: ReadStatement

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List them; the format of a file is detected from its content."""
        refuse_query(request)
        return respond(ListResponse[str](items=self.read_statement.formats))


class ImportView(CallerView):
    """One import."""

    scopes = {"get": READ_IMPORTS, "delete": WRITE_IMPORTS}
    show_import: ShowImport
    undo_import: UndoImport

    async def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Show what became of the file."""
        refuse_query(request)
        done = unwrap(
            await self.show_import(import_id=ImportId(import_id), user_id=self.caller.user_id)
        )
        return await respond_in_thread(ImportResponse.of, done)

    async def delete(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Undo everything that the import added and changed."""
        done = unwrap(
            await self.undo_import(import_id=ImportId(import_id), user_id=self.caller.user_id)
        )
        return await respond_in_thread(ImportResponse.of, done)


class ReimportView(CallerView):
    """The import of a stored file, once more."""

    scopes = {"post": WRITE_IMPORTS}
    reimport_statement: ReimportStatement

    async def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Import the same file with the same hints, at once or in the background."""
        done = unwrap(
            await self.reimport_statement(
                import_id=ImportId(import_id), user_id=self.caller.user_id
            )
        )
        return await _respond_with_import(done)


class QuestionsView(CallerView):
    """The questions about a file that is stored."""

    scopes = {"get": READ_IMPORTS}
    list_questions: ListQuestions

    async def get(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """List the questions that are open."""
        refuse_query(request)
        questions = unwrap(
            await self.list_questions(import_id=ImportId(import_id), user_id=self.caller.user_id)
        )
        return respond(ListResponse[QuestionResponse].of(questions, QuestionResponse.of))


class AnswersView(CallerView):
    """The answers to the questions about a file that is stored."""

    scopes = {"post": WRITE_IMPORTS}
    answer_questions: AnswerQuestions

    async def post(self, request: HttpRequest, import_id: UUID) -> HttpResponse:
        """Import the file with these answers, at once or in the background."""
        body = await read(request, AnswersRequest)
        done = unwrap(
            await self.answer_questions(
                body.answers(), import_id=ImportId(import_id), user_id=self.caller.user_id
            )
        )
        return await _respond_with_import(done)


@asynccontextmanager
async def read_import(request: HttpRequest, user_id: UserId) -> AsyncIterator[ImportRequest]:
    """Read the file in the part `file` of a multipart form, and the fields beside it."""
    async with read_upload(request, "file", settings.IMPORT_MAX_BYTES) as upload:
        yield read_fields(upload.fields, ImportForm).request(upload, user_id)


async def _respond_with_import(done: StatementImport) -> HttpResponse:
    status = HTTPStatus.ACCEPTED if done.is_waiting else HTTPStatus.CREATED
    if done.is_resubmitted:
        status = HTTPStatus.OK
    return await respond_in_thread(
        ImportResponse.of, done, status=status, location=f"imports/{done.id}"
    )


def _first(rows: Sequence[QuarantinedRow]) -> list[QuarantinedRowResponse]:
    return [QuarantinedRowResponse.of(row) for row in rows[:MAX_PAGE_SIZE]]
