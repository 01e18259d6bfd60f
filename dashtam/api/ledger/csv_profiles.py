"""CSV profiles: how a bank writes its CSV files."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Literal, Self
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, Json, TypeAdapter
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body, Fields, read, read_fields, refuse_query
from dashtam.api.ledger.parameters import READ_IMPORTS, WRITE_IMPORTS
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, no_content, respond, respond_in_thread
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
from domain.ledger.profile_validation import MAX_COLUMNS, MAX_HEADER, MAX_NAME, is_text_encoding
from domain.ledger.profiles import CsvSample, SavedProfile
from domain.ledger.questions import Question
from domain.ledger.values import QuarantinedRow, StatementRow
from domain.shared.ids import ProfileId
from domain.shared.money import is_listed

# Room for every column and its heading; a whole form has little more.
MAX_COLUMNS_TEXT = 10_000


def _encoding(name: str) -> str:
    if not is_text_encoding(name):
        raise PydanticCustomError("encoding", "This encoding is not known")
    return name


def _currency(code: str) -> str:
    if not is_listed(code.strip().upper()):
        raise PydanticCustomError("currency", "Use the ISO 4217 code of a currency, such as EUR")
    return code.strip().upper()


Currency = Annotated[str, Field(max_length=40), AfterValidator(_currency)]
Encoding = Annotated[str, Field(max_length=40), AfterValidator(_encoding)]
ColumnNames = Annotated[
    dict[CsvColumn, Annotated[str, Field(min_length=1, max_length=MAX_HEADER)]],
    Field(max_length=len(CsvColumn)),
]


#: `columns` as the JSON text of an object; its length is checked before it is parsed.
ShortText = Annotated[str, Field(max_length=MAX_COLUMNS_TEXT)]
ColumnsText = Annotated[
    Json[ColumnNames],
    BeforeValidator(TypeAdapter(ShortText).validate_python),
    Field(json_schema_extra={"maxLength": MAX_COLUMNS_TEXT}),
]


class HintFields(BaseModel):
    """Answers to the questions that a file may leave open, in a form or in JSON."""

    account_name: Annotated[str, Field(max_length=255)] = ""
    currency: Currency | None = None
    similar_accounts: SimilarAccounts | None = None
    date_order: DateOrder | None = None
    decimal_mark: Literal[".", ","] | None = None
    # Questions name their options as texts, so these are accepted in JSON too.
    charges_positive: Annotated[bool, Field(strict=False)] | None = None
    fees_included: Annotated[bool, Field(strict=False)] | None = None
    encoding: Encoding | None = None
    columns: ColumnNames = {}

    def hints(self) -> ReadingHints:
        return ReadingHints(
            account=self.account_name,
            currency=self.currency,
            similar_accounts=self.similar_accounts,
            date_order=self.date_order,
            decimal_mark=self.decimal_mark,
            charges_positive=self.charges_positive,
            fees_included=self.fees_included,
            encoding=self.encoding,
            columns=self.columns,
        )


class CsvForm(HintFields, Fields):
    """Answers in the fields of a form; `columns` is a JSON object."""

    columns: ColumnsText = {}


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


class QuestionResponse(Response):
    """Something that the file leaves open; the hint `field` answers it."""

    field: str
    reason: str
    options: list[str]
    suggestion: str | None
    columns: list[str]
    examples: list[str]

    @classmethod
    def of(cls, question: Question) -> Self:
        return cls.copy_from(question)


class DetectionResponse(Response):
    """How a file is written; open questions have to be answered before it can be imported."""

    profile: CsvProfileBody | None
    rows: list[SampleRowResponse]
    quarantined: list[QuarantinedRowResponse]
    questions: list[QuestionResponse]

    @classmethod
    def of(cls, sample: CsvSample) -> Self:
        return cls(
            profile=CsvProfileBody.of(sample.profile) if sample.profile else None,
            rows=[SampleRowResponse.of(row) for row in sample.rows],
            quarantined=[QuarantinedRowResponse.of(row) for row in sample.quarantined],
            questions=[QuestionResponse.of(each) for each in sample.questions],
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
