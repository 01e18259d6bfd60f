"""Profiles of CSV files as JSON: columns by the names of what they hold."""

from typing import Any

from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder
from domain.ledger.profile_flaws import flaw_of


def document_of(profile: CsvProfile) -> dict[str, Any]:
    """Return a profile as it is kept."""
    return {
        "delimiter": profile.delimiter,
        "encoding": profile.encoding,
        "header_rows": profile.header_rows,
        "header": list(profile.header),
        "date_order": profile.date_order.value,
        "decimal_mark": profile.decimal_mark,
        "charges_positive": profile.charges_positive,
        "balance_signs": profile.balance_signs,
        "columns": {column.value: at for column, at in profile.columns.items()},
    }


def profile_of(document: dict[str, Any]) -> CsvProfile:
    """Return a profile that was kept; one that nobody can have kept is a defect, and raises."""
    profile = CsvProfile(
        delimiter=document["delimiter"],
        encoding=document["encoding"],
        header_rows=document["header_rows"],
        header=tuple(document["header"]),
        date_order=DateOrder(document["date_order"]),
        decimal_mark=document["decimal_mark"],
        charges_positive=document["charges_positive"],
        balance_signs=document.get("balance_signs", False),
        columns={CsvColumn(name): at for name, at in document["columns"].items()},
    )
    flaw = flaw_of(profile)
    if flaw:
        raise ValueError(flaw)
    return profile
