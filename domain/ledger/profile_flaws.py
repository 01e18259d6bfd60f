"""What a profile of CSV files must not say, if files are to be read by it."""

import codecs
import re

from domain.ledger.hints import CsvColumn, CsvProfile

DELIMITERS = ";,\t|"
#: Columns of a file, and characters of a header.
MAX_COLUMNS = 500
MAX_HEADER = 1_000
#: Characters of a profile's name.
MAX_NAME = 255

_CODEC = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
# Python knows them as text, and no bank writes them.
_ODD_CODECS = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"}
_AMOUNTS = ({CsvColumn.AMOUNT}, {CsvColumn.DEBIT, CsvColumn.CREDIT})


def flaw_of(profile: CsvProfile) -> str:
    """Return why no file can be read by a profile, or nothing."""
    return _flaw_of_columns(profile) or _flaw_of_writing(profile) or _flaw_of_header(profile)


def _flaw_of_columns(profile: CsvProfile) -> str:
    columns = profile.columns.keys()
    if CsvColumn.BOOKING_DATE not in columns:
        return "The profile names no column of booking dates."
    if not any(amounts <= columns for amounts in _AMOUNTS):
        return "The profile names no column of amounts, or of debits and credits."
    if all(amounts & columns for amounts in _AMOUNTS):
        return "The profile names an amount beside debits and credits: only one of them counts."
    if len(set(profile.columns.values())) < len(columns):
        return "The profile gives one column two meanings."
    if profile.balance_signs and not {CsvColumn.AMOUNT, CsvColumn.BALANCE} <= columns:
        return "The profile takes signs from balances, and names no column of them."
    counted = (*profile.columns.values(), profile.header_rows)
    return "" if all(0 <= each < MAX_COLUMNS for each in counted) else "The profile counts wrongly."


def _flaw_of_writing(profile: CsvProfile) -> str:
    if len(profile.delimiter) != 1 or profile.delimiter not in DELIMITERS:
        return "The profile's delimiter is none of semicolon, comma, tab and vertical line."
    if profile.decimal_mark not in (".", ","):
        return "The profile's decimal mark is neither a point nor a comma."
    if profile.encoding is not None and not _is_of_text(profile.encoding):
        return "The profile's encoding is not known."
    return ""


def _flaw_of_header(profile: CsvProfile) -> str:
    if len(profile.header) > MAX_COLUMNS or any(len(name) > MAX_HEADER for name in profile.header):
        return f"A header has at most {MAX_COLUMNS} columns of {MAX_HEADER:,} characters."
    if profile.header and not profile.header_rows:
        return "The profile has a header, and no row that holds it."
    return "" if all(map(_can_be_kept, profile.header)) else "The profile's header is not text."


def flaw_of_name(name: str) -> str:
    """Return why this is no name for a profile, or nothing."""
    if not 0 < len(name.strip()) <= len(name) <= MAX_NAME:
        return f"A profile's name has 1 to {MAX_NAME} characters."
    return "" if _can_be_kept(name) else "The profile's name is not text."


def _can_be_kept(text: str) -> bool:
    """Tell whether a text has neither NUL nor half a character."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _is_of_text(encoding: str) -> bool:
    """Tell whether Python knows this as a charset: it has codecs of other sorts too."""
    if not _CODEC.fullmatch(encoding):
        return False
    try:
        "".encode(encoding)
        return codecs.lookup(encoding).name not in _ODD_CODECS
    except (LookupError, UnicodeError):
        return False
