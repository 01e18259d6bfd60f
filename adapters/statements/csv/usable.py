"""Whether a profile that somebody wrote can be used at all."""

from adapters.statements.csv.records import MAX_COLUMNS
from domain.ledger.hints import CsvColumn, CsvProfile


def unusable(profile: CsvProfile) -> str:
    """Return why no file can be read by a profile, or nothing."""
    columns = profile.columns.keys()
    if CsvColumn.BOOKING_DATE not in columns:
        return "The profile names no column of booking dates."
    if CsvColumn.AMOUNT not in columns and not {CsvColumn.DEBIT, CsvColumn.CREDIT} <= columns:
        return "The profile names no column of amounts, or of debits and credits."
    if len(profile.delimiter) != 1 or profile.delimiter in '"\r\n':
        return "The profile's delimiter is not a single character."
    if profile.decimal_mark not in (".", ","):
        return "The profile's decimal mark is neither a point nor a comma."
    counted = (*profile.columns.values(), profile.header_rows)
    return "" if all(0 <= each < MAX_COLUMNS for each in counted) else "The profile counts wrongly."
