"""Bodies of requests and responses about imports."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from dashtam.api.ledger.csv_profile_schemas import CsvProfileBody
from dashtam.application.ledger.import_queries import ImportsPage
from domain.ledger.hints import ReadingHints
from domain.ledger.imports import (
    ImportProgress,
    ImportStatus,
    Refusal,
    StatementImport,
    StatementOutcome,
)
from domain.ledger.values import Proof, QuarantinedRow, StatedBalance
from domain.shared.pages import MAX_PAGE_SIZE


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


class ImportFormatsResponse(BaseModel):
    """Formats of files that are read."""

    items: list[str]


class StorageResponse(BaseModel):
    """The bytes that a user's files take up, and the most that they may."""

    used: int
    limit: int


class ImportsResponse(BaseModel):
    """A page of imports; without `next_cursor` it is the last."""

    items: list[ImportResponse]
    next_cursor: str | None
    storage: StorageResponse

    @classmethod
    def of(cls, page: ImportsPage) -> "ImportsResponse":
        return cls(
            items=[ImportResponse.of(each) for each in page.items],
            next_cursor=str(page.next) if page.next else None,
            storage=StorageResponse(used=page.usage.stored, limit=page.quota.stored),
        )
