"""Bodies of requests and responses about imports."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from dashtam.api.http import Fields, Query
from dashtam.api.ledger.csv_profile_schemas import CsvProfileBody
from dashtam.api.ledger.schemas import PageSize
from domain.ledger.hints import DateOrder, ReadingHints
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.values import Proof, StatedBalance
from domain.shared.ids import AccountId, ProfileId
from domain.shared.pages import DEFAULT_PAGE_SIZE


class CsvForm(Fields):
    """What may be said along with a file that leaves it open."""

    account_name: Annotated[str, Field(max_length=255)] = ""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    date_order: DateOrder | None = None
    decimal_mark: Literal[".", ","] | None = None
    charges_positive: bool | None = None

    def hints(self) -> ReadingHints:
        return ReadingHints(
            account=self.account_name,
            currency=self.currency,
            date_order=self.date_order,
            decimal_mark=self.decimal_mark,
            charges_positive=self.charges_positive,
        )


class ImportForm(CsvForm):
    """The same, and which account a file is for, and by which profile it is read."""

    account_id: UUID | None = None
    csv_profile_id: UUID | None = None

    def account(self) -> AccountId | None:
        return AccountId(self.account_id) if self.account_id else None

    def csv_profile(self) -> ProfileId | None:
        return ProfileId(self.csv_profile_id) if self.csv_profile_id else None


class StatedBalanceResponse(BaseModel):
    """A balance as a statement gives it."""

    amount: str
    currency: str
    day: date

    @classmethod
    def of(cls, stated: StatedBalance) -> "StatedBalanceResponse":
        return cls(amount=stated.money.digits, currency=stated.money.currency, day=stated.day)


class StatementOutcomeResponse(BaseModel):
    """One statement of the file: what it covers, whether it adds up, what became of its rows."""

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
    balances: int
    proof: Proof

    @classmethod
    def of(cls, outcome: StatementOutcome) -> "StatementOutcomeResponse":
        return cls(
            account_id=outcome.account_id,
            number=outcome.number,
            first_day=outcome.first_day,
            last_day=outcome.last_day,
            opening=StatedBalanceResponse.of(outcome.opening) if outcome.opening else None,
            closing=StatedBalanceResponse.of(outcome.closing) if outcome.closing else None,
            new=outcome.new,
            same=outcome.same,
            updates=outcome.updates,
            conflict=outcome.conflict,
            deleted=outcome.deleted,
            balances=outcome.balances,
            proof=outcome.proof,
        )


class QuarantinedRowResponse(BaseModel):
    """A row that could not be taken, and why."""

    line: int
    reason: str


class ImportResponse(BaseModel):
    """One file brought in, and what became of each of its rows."""

    id: UUID
    format: str
    sha256: str
    size: int
    imported_at: datetime
    undone_at: datetime | None
    new: int
    same: int
    updates: int
    conflict: int
    deleted: int
    statements: list[StatementOutcomeResponse]
    quarantined: list[QuarantinedRowResponse]

    @classmethod
    def of(cls, done: StatementImport) -> "ImportResponse":
        return cls(
            id=done.id,
            format=done.format,
            sha256=done.digest.hex(),
            size=done.size,
            imported_at=done.imported_at,
            undone_at=done.undone_at,
            new=done.new,
            same=done.same,
            updates=done.updates,
            conflict=done.conflict,
            deleted=done.deleted,
            statements=[StatementOutcomeResponse.of(outcome) for outcome in done.statements],
            quarantined=[
                QuarantinedRowResponse(line=row.line, reason=row.reason) for row in done.quarantined
            ],
        )


class PreviewResponse(BaseModel):
    """What would become of a file if it were imported now; nothing of it is kept."""

    format: str
    csv_profile: CsvProfileBody | None
    statements: list[StatementOutcomeResponse]
    quarantined: list[QuarantinedRowResponse]

    @classmethod
    def of(cls, done: StatementImport) -> "PreviewResponse":
        whole = ImportResponse.of(done)
        return cls(
            format=whole.format,
            csv_profile=CsvProfileBody.of(done.csv_profile) if done.csv_profile else None,
            statements=whole.statements,
            quarantined=whole.quarantined,
        )


class ImportFormatsResponse(BaseModel):
    """Formats of files that are read."""

    items: list[str]


class ImportsQuery(Query):
    """Which imports are wanted: newest first, those before a given one."""

    limit: PageSize = DEFAULT_PAGE_SIZE
    before: UUID | None = None


class ImportsResponse(BaseModel):
    """A page of imports; without `next_before` it is the last."""

    items: list[ImportResponse]
    next_before: UUID | None
