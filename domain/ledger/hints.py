"""Hints: what users say about a file that does not say it itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class DateOrder(StrEnum):
    """The order of day, month and year in a file."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"


class CsvColumn(StrEnum):
    """What a column of a CSV file contains. An amount is one column, or a debit and a credit."""

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
    """How a bank writes its CSV files; columns are counted from 0.

    `header_rows` is the number of rows before the first row of data. `header` is the last of them,
    unchanged: files with the same header are read by this profile. With `charges_positive`, money
    that leaves the account has no minus sign, as on some cards. With `balance_signs`, no amount has
    a sign, and the running balance shows its direction.
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


class SimilarAccounts(StrEnum):
    """Whether accounts whose numbers look alike are the same, where nothing proves it."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingHints:
    """Used only where a file leaves something open: a hint never overrides the file.

    `account` is a name for the account if the file names none; `currency` is an ISO 4217 code.
    `similar_accounts` says whether the accounts of the file are those that look like them.
    """

    account: str = field(default="", repr=False)
    currency: str | None = None
    similar_accounts: SimilarAccounts | None = None
    date_order: DateOrder | None = None
    #: For a CSV file: the decimal mark of its amounts, and whether charges have no minus sign.
    decimal_mark: str | None = None
    charges_positive: bool | None = None
    csv_profile: CsvProfile | None = None
    #: Saved profiles: one of them applies if its header is the header of the file.
    csv_profiles: Sequence[CsvProfile] = ()


NO_HINTS = ReadingHints()
