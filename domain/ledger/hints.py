"""Hints: what users say about a file that does not say it itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dataclasses import fields as fields_of
from enum import StrEnum


class DateOrder(StrEnum):
    """The order of day, month and year in a file."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"


class CsvColumn(StrEnum):
    """What a column of a CSV file contains. An amount is one column, or a debit and a credit.

    A fee comes on top of the amount: a column of fees that amounts include is none of these.
    With a destination, a row is a payment from the account to the destination, and a row of each of
    the two that is the user's own, which the columns of kinds say. The destination's amount and
    currency are what arrives in an own account, if another amount does.
    """

    BOOKING_DATE = "booking_date"
    VALUE_DATE = "value_date"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    DIRECTION = "direction"
    FEE = "fee"
    CURRENCY = "currency"
    DESCRIPTION = "description"
    MEMO = "memo"
    COUNTERPARTY_ACCOUNT = "counterparty_account"
    REFERENCE = "reference"
    CATEGORY = "category"
    CATEGORY_GROUP = "category_group"
    TAGS = "tags"
    PROVIDER_ID = "provider_id"
    BALANCE = "balance"
    ACCOUNT = "account"
    ACCOUNT_KIND = "account_kind"
    DESTINATION = "destination"
    DESTINATION_KIND = "destination_kind"
    DESTINATION_AMOUNT = "destination_amount"
    DESTINATION_CURRENCY = "destination_currency"
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

    def has_header_of(self, other: "CsvProfile") -> bool:
        """Whether both are for files with the same header."""
        mine, its = ([name.strip() for name in each.header] for each in (self, other))
        return bool(mine) and mine == its


class SimilarAccounts(StrEnum):
    """Whether accounts whose numbers look alike are the same, where nothing proves it."""

    SAME = "same"
    DIFFERENT = "different"


_PAIR = (CsvColumn.DEBIT, CsvColumn.CREDIT)
# An amount is one column or two, and an answer with the one replaces the other.
_REPLACED = {CsvColumn.AMOUNT: _PAIR, **dict.fromkeys(_PAIR, (CsvColumn.AMOUNT,))}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingHints:
    """Used only where a file leaves something open: a hint never overrides the file.

    `account` is a name for the account if the file names none; `currency` is an ISO 4217 code.
    `similar_accounts` says whether the accounts of the file are those that look like them.
    `encoding` is a codec of Python, for a text that is not UTF-8. `charges_positive` says whether
    charges have no minus sign. For a CSV file, `columns` names columns by their headings, or by
    `#3` for the third one, and `fees_included` says whether the amounts have their fees in them.
    """

    account: str = field(default="", repr=False)
    currency: str | None = None
    similar_accounts: SimilarAccounts | None = None
    date_order: DateOrder | None = None
    decimal_mark: str | None = None
    charges_positive: bool | None = None
    fees_included: bool | None = None
    encoding: str | None = None
    columns: Mapping[CsvColumn, str] = field(default_factory=dict, repr=False)
    csv_profile: CsvProfile | None = None
    #: Saved profiles: one of them applies if its header is the header of the file.
    csv_profiles: Sequence[CsvProfile] = ()

    @property
    def names_an_account_alone(self) -> bool:
        """Whether nothing is said of how the file is written."""
        return replace(self, account="", currency=None, csv_profiles=()) == NO_HINTS

    def reads_alike(self, earlier: "ReadingHints") -> bool:
        """Whether a file that was read with `earlier` hints is read in the same way with these.

        They include the profile of a CSV file, be it stated or detected. It is used again if none
        is stated now, and no saved profile with the same header replaces it.
        """
        said, before = (
            replace(each, csv_profile=None, csv_profiles=()) for each in (self, earlier)
        )
        profile = earlier.csv_profile
        if said != before or profile is None or self.csv_profile:
            return said == before and self.csv_profile == profile
        saved = (each for each in self.csv_profiles if each.has_header_of(profile))
        return next(saved, profile) == profile

    def joined(self, others: "ReadingHints") -> "ReadingHints":
        """Return these hints with others, which replace those of the same kind."""
        stated = {
            each.name: getattr(others, each.name)
            for each in fields_of(others)
            if getattr(others, each.name) != getattr(NO_HINTS, each.name)
        }
        replaced = {role for each in others.columns for role in _REPLACED.get(each, ())}
        columns = {role: name for role, name in self.columns.items() if role not in replaced}
        return replace(self, **{**stated, "columns": {**columns, **others.columns}})

    def without(self, fields: Collection[str]) -> "ReadingHints":
        """Return these hints without those that answer the questions of these fields."""
        named = {f"columns.{column}": column for column in self.columns}
        columns = {
            column: self.columns[column] for each, column in named.items() if each not in fields
        }
        asked = {"account" if each == "account_name" else each for each in fields}
        names = {each.name for each in fields_of(self)} & asked
        return replace(self, columns=columns, **{name: getattr(NO_HINTS, name) for name in names})


NO_HINTS = ReadingHints()


def remembered(earlier: Sequence[ReadingHints]) -> ReadingHints:
    """Return the answers about earlier files of one account and format, newest first.

    How a CSV file is read depends on its header: its profile counts for files with the same one.
    """
    profiles = [each.csv_profile for each in earlier if each.csv_profile]
    newest = next(iter(earlier), NO_HINTS)
    if newest.csv_profile:
        return ReadingHints(currency=newest.currency, csv_profiles=profiles)
    return replace(newest, account="", similar_accounts=None, csv_profiles=profiles)
