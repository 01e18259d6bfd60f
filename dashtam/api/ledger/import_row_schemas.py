"""Bodies of responses about the rows of imports."""

from uuid import UUID

from pydantic import BaseModel

from domain.ledger.imports import ImportRow, ImportRowsPage
from domain.ledger.matching import MatchResult


class ImportRowResponse(BaseModel):
    """A row of the file: its verdict, and which transaction it is."""

    line: int
    verdict: MatchResult
    transaction_id: UUID | None

    @classmethod
    def of(cls, row: ImportRow) -> "ImportRowResponse":
        return cls(line=row.line, verdict=row.verdict, transaction_id=row.transaction_id)

    @classmethod
    def foreseen(cls, row: ImportRow) -> "ImportRowResponse":
        """Without the transaction, where there would be a new one."""
        is_new = row.verdict in (MatchResult.NEW, MatchResult.CONFLICT)
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
