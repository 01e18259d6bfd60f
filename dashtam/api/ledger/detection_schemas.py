"""Bodies of responses about files of which it is found out how they are written."""

from datetime import date

from pydantic import BaseModel

from dashtam.api.ledger.csv_profile_schemas import CsvProfileBody
from domain.ledger.profiles import CsvSample
from domain.ledger.values import QuarantinedRow, StatementRow


class SampleRowResponse(BaseModel):
    """A row as it would be read."""

    line: int
    booking_date: date
    amount: str
    currency: str
    description: str

    @classmethod
    def of(cls, row: StatementRow) -> "SampleRowResponse":
        return cls(
            line=row.line,
            booking_date=row.booking_date,
            amount=row.amount.digits,
            currency=row.amount.currency,
            description=row.description,
        )


class UnreadRowResponse(BaseModel):
    """A row that could not be taken, and why."""

    line: int
    reason: str

    @classmethod
    def of(cls, row: QuarantinedRow) -> "UnreadRowResponse":
        return cls(line=row.line, reason=row.reason)


class DetectionResponse(BaseModel):
    """What was found out of a file; an open question has to be answered before it is imported."""

    profile: CsvProfileBody | None
    rows: list[SampleRowResponse]
    quarantined: list[UnreadRowResponse]
    open_question: str | None

    @classmethod
    def of(cls, sample: CsvSample) -> "DetectionResponse":
        return cls(
            profile=CsvProfileBody.of(sample.profile) if sample.profile else None,
            rows=[SampleRowResponse.of(row) for row in sample.rows],
            quarantined=[UnreadRowResponse.of(row) for row in sample.quarantined],
            open_question=sample.open_question or None,
        )
