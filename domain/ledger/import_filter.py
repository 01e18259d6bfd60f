"""Which imports a list has."""

from dataclasses import dataclass
from datetime import date

from domain.ledger.imports import ImportStatus
from domain.shared.ids import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFilter:
    """Which imports to list, by the days on which they were imported, both included.

    What was written `by_hand` is left out otherwise.
    """

    account_id: AccountId | None = None
    format: str | None = None
    status: ImportStatus | None = None
    first_day: date | None = None
    last_day: date | None = None
    by_hand: bool = False


#: A filter that leaves out what was written by hand alone.
EVERY_IMPORT = ImportFilter()
