"""Validates the profiles of CSV files."""

import codecs
import re

from domain.ledger.hints import CsvColumn, CsvProfile
from domain.shared.text import UNSTORABLE

DELIMITERS = ";,\t|"
#: The most columns of a file, and the most characters of its header.
MAX_COLUMNS = 500
MAX_HEADER = 1_000
#: The most characters of a profile's name.
MAX_NAME = 255

WRONG_NUMBER = f"Numbers of columns and header rows must be from 0 to {MAX_COLUMNS - 1}."
_CODEC = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
# Python knows these as encodings of text, but no bank uses them.
_ODD_CODECS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"}
_OF_DESTINATION = {
    CsvColumn.DESTINATION_KIND,
    CsvColumn.DESTINATION_AMOUNT,
    CsvColumn.DESTINATION_CURRENCY,
}
_AMOUNTS = ({CsvColumn.AMOUNT}, {CsvColumn.DEBIT, CsvColumn.CREDIT})


def validate_profile(profile: CsvProfile) -> str:
    """Return why a profile is invalid, or an empty text."""
    return _invalid_columns(profile) or _invalid_writing(profile) or _invalid_header(profile)


def _invalid_columns(profile: CsvProfile) -> str:
    columns = profile.columns.keys()
    if CsvColumn.BOOKING_DATE not in columns:
        return "The profile has no column for booking dates."
    if not any(amounts <= columns for amounts in _AMOUNTS):
        return "The profile has no column for amounts, or for debits and credits."
    if all(amounts & columns for amounts in _AMOUNTS):
        return "The profile has a column for amounts beside debits or credits: remove one of them."
    if CsvColumn.DESTINATION in columns and not {CsvColumn.ACCOUNT, CsvColumn.AMOUNT} <= columns:
        return "The profile has a destination, but no column for accounts, or none for amounts."
    if columns & _OF_DESTINATION and CsvColumn.DESTINATION not in columns:
        return "The profile says something of the destination, but has no column for it."
    if len(set(profile.columns.values())) < len(columns):
        return "The profile uses the same column twice."
    if profile.balance_signs and not {CsvColumn.AMOUNT, CsvColumn.BALANCE} <= columns:
        return "The profile takes signs from balances, but has no column for balances."
    counted = (*profile.columns.values(), profile.header_rows)
    return "" if all(0 <= each < MAX_COLUMNS for each in counted) else WRONG_NUMBER


def _invalid_writing(profile: CsvProfile) -> str:
    if len(profile.delimiter) != 1 or profile.delimiter not in DELIMITERS:
        return "The profile's delimiter must be a semicolon, comma, tab or vertical line."
    if profile.decimal_mark not in (".", ","):
        return "The profile's decimal mark must be a point or a comma."
    if profile.encoding is not None and not is_text_encoding(profile.encoding):
        return "The profile's encoding is not supported."
    return ""


def _invalid_header(profile: CsvProfile) -> str:
    if len(profile.header) > MAX_COLUMNS or any(len(name) > MAX_HEADER for name in profile.header):
        return f"A header has at most {MAX_COLUMNS} columns of {MAX_HEADER:,} characters."
    if profile.header and not profile.header_rows:
        return "The profile has a header, but no header rows."
    if any(map(UNSTORABLE.search, profile.header)):
        return "The profile's header is not valid text."
    return ""


def validate_name(name: str) -> str:
    """Return why the name of a profile is invalid, or an empty text."""
    if not 0 < len(name.strip()) <= len(name) <= MAX_NAME:
        return f"A profile's name has 1 to {MAX_NAME} characters."
    return "The profile's name is not valid text." if UNSTORABLE.search(name) else ""


def is_text_encoding(encoding: str) -> bool:
    """Return whether Python knows this as a charset: it has codecs of other kinds too."""
    if not _CODEC.fullmatch(encoding):
        return False
    try:
        "".encode(encoding)
        return codecs.lookup(encoding).name not in _ODD_CODECS
    except (LookupError, UnicodeError):
        return False
