"""What may be asked of an export."""

from uuid import UUID

from dashtam.api.http import Query
from dashtam.api.ledger.days import Day
from dashtam.api.texts import FormatName
from domain.ledger.exports import ExportScope
from domain.shared.ids import AccountId


class ExportQuery(Query):
    """Which format, and how much of the ledger: bounds are inclusive, dates are booking dates."""

    format: FormatName
    account_id: UUID | None = None
    date_from: Day | None = None
    date_to: Day | None = None

    def scope(self) -> ExportScope:
        return ExportScope(
            account_id=AccountId(self.account_id) if self.account_id else None,
            first_day=self.date_from,
            last_day=self.date_to,
        )
