"""What a person says of a file that does not say it itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class DateOrder(StrEnum):
    """In which order a file writes day, month and year."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"


class CsvColumn(StrEnum):
    """What a column of a CSV file holds. An amount is one column, or a debit and a credit."""

    BOOKING_DATE = "booking_date"
    VALUE_DATE = "value_date"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    DIRECTION = "direction"
    CURRENCY = "currency"
    DESCRIPTION = "description"
    MEMO = "memo"
    PROVIDER_ID = "provider_id"
    BALANCE = "balance"
    ACCOUNT = "account"
    KIND = "kind"
    STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvProfile:
    """How one bank writes its CSV files; columns are counted from 0.

    `header_rows` stand before the first row of data. `header` is the last of them as it is
    written: by it, files of the same make are recognised. With `charges_positive`, money that
    leaves the account has no minus sign, as on some cards. With `balance_signs`, no amount has a
    sign: the running balance tells which way it goes.
    """

    delimiter: str = ","
    encoding: str | None = None
    header_rows: int = 1
    header: Sequence[str] = ()
    date_order: DateOrder
    decimal_mark: str = "."
    charges_positive: bool = False
    balance_signs: bool = False
    columns: Mapping[CsvColumn, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingHints:
    """Used only where a file leaves something open: it never overrides what a file says.

    `account` is a name for the account of a file that names none; `currency` an ISO 4217 code.
    """

    account: str = field(default="", repr=False)
    currency: str | None = None
    date_order: DateOrder | None = None
    #: Of a CSV file: what its amounts have before their decimals, and whether charges have no sign.
    decimal_mark: str | None = None
    charges_positive: bool | None = None
    csv_profile: CsvProfile | None = None
    #: Profiles that were kept: one of them applies where its header is the file's.
    csv_profiles: Sequence[CsvProfile] = ()


NO_HINTS = ReadingHints()
