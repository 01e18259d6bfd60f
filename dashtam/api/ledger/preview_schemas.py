"""Bodies of responses about what would become of a file."""

from pydantic import BaseModel

from dashtam.api.ledger.csv_profile_schemas import CsvProfileBody
from dashtam.api.ledger.import_row_schemas import ImportRowResponse
from dashtam.api.ledger.import_schemas import (
    ImportResponse,
    QuarantinedRowResponse,
    StatementOutcomeResponse,
)
from dashtam.application.ledger.import_statement import Preview


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
