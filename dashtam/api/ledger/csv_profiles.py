"""CSV profiles: how a bank writes its CSV files."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal, Self
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from pydantic import Field

from dashtam.api.http import Body, Fields, read, read_fields, refuse_query
from dashtam.api.ledger.parameters import READ_IMPORTS, WRITE_IMPORTS
from dashtam.api.problems import unwrap
from dashtam.api.responses import (
    ListResponse,
    Response,
    no_content,
    respond,
    respond_in_thread,
)
from dashtam.api.session import CallerView
from dashtam.api.uploads import read_upload
from dashtam.application.ledger.csv_profiles import (
    ChangeCsvProfile,
    DeleteCsvProfile,
    DetectCsvProfile,
    ListCsvProfiles,
    SaveCsvProfile,
    ShowCsvProfile,
)
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder, ReadingHints, SimilarAccounts
from domain.ledger.profile_validation import MAX_COLUMNS, MAX_HEADER, MAX_NAME
from domain.ledger.profiles import CsvSample, SavedProfile
from domain.ledger.values import QuarantinedRow, StatementRow
from domain.shared.ids import ProfileId


class CsvForm(Fields):
    """Answers to the questions that a file may leave open."""

    account_name: Annotated[str, Field(max_length=255)] = ""
    currency: Annotated[str, Field(max_length=3, pattern=r"^[A-Z]{3}$")] | None = None
    similar_accounts: SimilarAccounts | None = None
    date_order: DateOrder | None = None
    decimal_mark: Literal[".", ","] | None = None
    charges_positive: bool | None = None

    def hints(self) -> ReadingHints:
        return ReadingHints(
            account=self.account_name,
            currency=self.currency,
            similar_accounts=self.similar_accounts,
            date_order=self.date_order,
            decimal_mark=self.decimal_mark,
            charges_positive=self.charges_positive,
        )


class CsvProfileBody(Body):
    """How a bank writes its files; columns are numbered from 0, by the names of what they hold."""

    delimiter: Annotated[str, Field(max_length=1)] = ","
    encoding: Annotated[str, Field(max_length=40)] | None = None
    header_rows: Annotated[int, Field(ge=0, lt=MAX_COLUMNS)] = 1
    header: Annotated[
        list[Annotated[str, Field(max_length=MAX_HEADER)]], Field(max_length=MAX_COLUMNS)
    ] = []
    date_order: DateOrder
    decimal_mark: Annotated[str, Field(max_length=1)] = "."
    charges_positive: bool = False
    balance_signs: bool = False
    columns: Annotated[
        dict[CsvColumn, Annotated[int, Field(ge=0, lt=MAX_COLUMNS)]],
        Field(max_length=len(CsvColumn)),
    ]

    def profile(self) -> CsvProfile:
        return CsvProfile(**{**dict(self), "header": tuple(self.header)})

    @classmethod
    def of(cls, profile: CsvProfile) -> "CsvProfileBody":
        copied = {name: getattr(profile, name) for name in cls.model_fields}
        # Without validation: what was detected in a file may be longer than what can be saved.
        return cls.model_construct(
            **{**copied, "header": list(profile.header), "columns": dict(profile.columns)}
        )


class CsvProfileRequest(Body):
    """A profile and its name."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    profile: CsvProfileBody


class CsvProfileResponse(Response):
    """A saved profile."""

    id: UUID
    name: str
    profile: CsvProfileBody

    @classmethod
    def of(cls, saved: SavedProfile) -> Self:
        return cls.copy_from(saved, profile=CsvProfileBody.of(saved.profile))


class QuarantinedRowResponse(Response):
    """A row or a position that could not be read, and why."""

    line: int
    reason: str

    @classmethod
    def of(cls, row: QuarantinedRow) -> Self:
        return cls.copy_from(row)


class SampleRowResponse(Response):
    """A row as it would be read."""

    line: int
    booking_date: date
    amount: str
    currency: str
    description: str

    @classmethod
    def of(cls, row: StatementRow) -> Self:
        return cls.copy_from(row, amount=row.amount.digits, currency=row.amount.currency)


class DetectionResponse(Response):
    """How a file is written; an open question has to be answered before it can be imported."""

    profile: CsvProfileBody | None
    rows: list[SampleRowResponse]
    quarantined: list[QuarantinedRowResponse]
    open_question: str | None

    @classmethod
    def of(cls, sample: CsvSample) -> Self:
        return cls(
            profile=CsvProfileBody.of(sample.profile) if sample.profile else None,
            rows=[SampleRowResponse.of(row) for row in sample.rows],
            quarantined=[QuarantinedRowResponse.of(row) for row in sample.quarantined],
            open_question=sample.open_question or None,
        )


class CsvProfilesView(CallerView):
    """The profiles of a user."""

    scopes = {"get": READ_IMPORTS, "post": WRITE_IMPORTS}
    list_csv_profiles: ListCsvProfiles
    save_csv_profile: SaveCsvProfile

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List profiles by name."""
        refuse_query(request)
        profiles = unwrap(await self.list_csv_profiles(user_id=self.caller.user_id))
        return await respond_in_thread(
            ListResponse[CsvProfileResponse].of, profiles, CsvProfileResponse.of
        )

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Save a profile: files with its header are read by it from now on."""
        body = await read(request, CsvProfileRequest)
        saved = unwrap(
            await self.save_csv_profile(
                user_id=self.caller.user_id, name=body.name, profile=body.profile.profile()
            )
        )
        return respond(
            CsvProfileResponse.of(saved), HTTPStatus.CREATED, location=f"csv-profiles/{saved.id}"
        )


class CsvProfileView(CallerView):
    """One profile."""

    scopes = {"get": READ_IMPORTS, "put": WRITE_IMPORTS, "delete": WRITE_IMPORTS}
    show_csv_profile: ShowCsvProfile
    change_csv_profile: ChangeCsvProfile
    delete_csv_profile: DeleteCsvProfile

    async def get(self, request: HttpRequest, csv_profile_id: UUID) -> HttpResponse:
        """Show a profile."""
        refuse_query(request)
        saved = unwrap(
            await self.show_csv_profile(
                csv_profile_id=ProfileId(csv_profile_id), user_id=self.caller.user_id
            )
        )
        return respond(CsvProfileResponse.of(saved))

    async def put(self, request: HttpRequest, csv_profile_id: UUID) -> HttpResponse:
        """Replace a profile."""
        body = await read(request, CsvProfileRequest)
        saved = unwrap(
            await self.change_csv_profile(
                csv_profile_id=ProfileId(csv_profile_id),
                user_id=self.caller.user_id,
                name=body.name,
                profile=body.profile.profile(),
            )
        )
        return respond(CsvProfileResponse.of(saved))

    async def delete(self, request: HttpRequest, csv_profile_id: UUID) -> HttpResponse:
        """Delete a profile; what was imported by it stays."""
        unwrap(
            await self.delete_csv_profile(
                csv_profile_id=ProfileId(csv_profile_id), user_id=self.caller.user_id
            )
        )
        return no_content()


class CsvProfileDetectionView(CallerView):
    """How a file is written."""

    scopes = {"post": WRITE_IMPORTS}
    detect_csv_profile: DetectCsvProfile

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Detect it, and show the first rows as they would be read and what is left open."""
        async with read_upload(request, "file", settings.IMPORT_MAX_BYTES) as upload:
            form = read_fields(upload.fields, CsvForm)
            sample = unwrap(
                await self.detect_csv_profile(
                    user_id=self.caller.user_id, content=upload.content, hints=form.hints()
                )
            )
            return respond(DetectionResponse.of(sample))
