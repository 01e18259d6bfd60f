"""Profiles of CSV files, and files that are read by them."""

from dataclasses import replace
from typing import Any

from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder
from domain.ledger.profiles import SavedProfile
from domain.shared.ids import ProfileId, UserId, new_id

#: A card: charges have no sign, and a month that comes first.
CARD = CsvProfile(
    header=("Posted", "Charge", "Shop"),
    date_order=DateOrder.MONTH_FIRST,
    charges_positive=True,
    columns={CsvColumn.BOOKING_DATE: 0, CsvColumn.AMOUNT: 1, CsvColumn.DESCRIPTION: 2},
)
MARCH = b"Posted,Charge,Shop\n03/04/2026,12.50,Coffee house\n03/05/2026,2.50,Tea house\n"
APRIL = b"Posted,Charge,Shop\n04/02/2026,7.25,Coffee house\n"
#: The same as JSON.
BODY: dict[str, Any] = {
    "delimiter": ",",
    "encoding": None,
    "header_rows": 1,
    "header": ["Posted", "Charge", "Shop"],
    "date_order": "month_first",
    "decimal_mark": ".",
    "charges_positive": True,
    "balance_signs": False,
    "columns": {"booking_date": 0, "amount": 1, "description": 2},
}


def make_saved(user_id: UserId, name: str = "My card", **changes: Any) -> SavedProfile:
    return SavedProfile(
        id=ProfileId(new_id()), user_id=user_id, name=name, profile=replace(CARD, **changes)
    )
