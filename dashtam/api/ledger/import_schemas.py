"""Bodies of requests and responses about imports."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from dashtam.api.http import Fields
from dashtam.api.ledger.csv_profile_schemas import CsvProfileBody
from dashtam.application.ledger.import_queries import ImportsPage
from dashtam.application.ledger.import_statement import Preview
from domain.ledger.hints import DateOrder, ReadingHints
from domain.ledger.import_rows import ImportRow, ImportRowsPage
from domain.ledger.imports import (
    ImportProgress,
    ImportStatus,
    Refusal,
    StatementImport,
    StatementOutcome,
)
from domain.ledger.values import Proof, QuarantinedRow, StatedBalance
from domain.ledger.verdicts import Verdict
from domain.shared.ids import AccountId, ProfileId
from domain.shared.pages import MAX_PAGE_SIZE


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
    background: bool = False

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
    """A row or a position that could not be taken, and why."""

    line: int
    reason: str

    @classmethod
    def first_of(cls, rows: Sequence[QuarantinedRow]) -> "list[QuarantinedRowResponse]":
        return [cls(line=row.line, reason=row.reason) for row in rows[:MAX_PAGE_SIZE]]


class RefusalResponse(BaseModel):
    """Why the file could not be brought in, as its problem document would have said."""

    code: str
    detail: str

    @classmethod
    def of(cls, refusal: Refusal) -> "RefusalResponse":
        return cls(code=refusal.code, detail=refusal.detail)


class ProgressResponse(BaseModel):
    """How many rows the file has, and how many of them are entered."""

    rows: int
    entered: int

    @classmethod
    def of(cls, progress: ImportProgress) -> "ProgressResponse":
        return cls(rows=progress.rows, entered=progress.entered)


class ImportResponse(BaseModel):
    """One file brought in, and what became of each of its rows.

    Of the rows that were quarantined, and of positions that could not be read, the first are named.
    """

    id: UUID
    status: ImportStatus
    error: RefusalResponse | None
    progress: ProgressResponse | None
    format: str
    csv_profile: CsvProfileBody | None
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
    quarantined_total: int
    unread_holdings: list[QuarantinedRowResponse]
    unread_holdings_total: int

    @classmethod
    def of(cls, done: StatementImport) -> "ImportResponse":
        return cls(
            id=done.id,
            status=done.status,
            error=RefusalResponse.of(done.error) if done.error else None,
            progress=ProgressResponse.of(done.progress) if done.progress else None,
            format=done.format,
            csv_profile=_profile(done.hints),
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
            quarantined=QuarantinedRowResponse.first_of(done.quarantined),
            quarantined_total=len(done.quarantined),
            unread_holdings=QuarantinedRowResponse.first_of(done.unread_holdings),
            unread_holdings_total=len(done.unread_holdings),
        )


def _profile(hints: ReadingHints) -> CsvProfileBody | None:
    return CsvProfileBody.of(hints.csv_profile) if hints.csv_profile else None


class ImportRowResponse(BaseModel):
    """A row of the file: its verdict, and which transaction it is."""

    line: int
    verdict: Verdict
    transaction_id: UUID | None

    @classmethod
    def of(cls, row: ImportRow) -> "ImportRowResponse":
        return cls(line=row.line, verdict=row.verdict, transaction_id=row.transaction_id)

    @classmethod
    def foreseen(cls, row: ImportRow) -> "ImportRowResponse":
        """Without the transaction, where there would be a new one."""
        is_new = row.verdict in (Verdict.NEW, Verdict.CONFLICT)
        known = None if is_new else row.transaction_id
        return cls(line=row.line, verdict=row.verdict, transaction_id=known)


class ImportRowsResponse(BaseModel):
    """A page of rows; without `next_cursor` it is the last."""

    items: list[ImportRowResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: ImportRowsPage) -> "ImportRowsResponse":
        return cls(
            items=[ImportRowResponse.of(row) for row in page.items],
            next_cursor=str(page.next) if page.next else None,
        )


class PreviewResponse(BaseModel):
    """What would become of a file if it were imported now; nothing of it is kept.

    `rows` are the first of them, and `more_rows` tells whether there are others.
    """

    format: str
    csv_profile: CsvProfileBody | None
    statements: list[StatementOutcomeResponse]
    quarantined: list[QuarantinedRowResponse]
    quarantined_total: int
    unread_holdings: list[QuarantinedRowResponse]
    unread_holdings_total: int
    rows: list[ImportRowResponse]
    more_rows: bool

    @classmethod
    def of(cls, preview: Preview) -> "PreviewResponse":
        whole = ImportResponse.of(preview.outcome)
        return cls(
            format=whole.format,
            csv_profile=whole.csv_profile,
            statements=whole.statements,
            quarantined=whole.quarantined,
            quarantined_total=whole.quarantined_total,
            unread_holdings=whole.unread_holdings,
            unread_holdings_total=whole.unread_holdings_total,
            rows=[ImportRowResponse.foreseen(row) for row in preview.rows.items],
            more_rows=preview.rows.next is not None,
        )


class ImportFormatsResponse(BaseModel):
    """Formats of files that are read."""

    items: list[str]


class ImportsResponse(BaseModel):
    """A page of imports; without `next_cursor` it is the last."""

    items: list[ImportResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: ImportsPage) -> "ImportsResponse":
        return cls(
            items=[ImportResponse.of(each) for each in page.items],
            next_cursor=str(page.next) if page.next else None,
        )
