"""The profile of a file: one that is given, a saved one that fits, or one that is detected."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from adapters.statements.csv.amounts import (
    Signs,
    decimal_mark,
    lacks_signs,
    settle_all_signs,
    signs_from_balances,
    with_signs,
)
from adapters.statements.csv.columns import Columns, infer_columns, named_columns
from adapters.statements.csv.dates import detect_date_order
from adapters.statements.csv.dialect import Layout, find_delimiter, find_header, lay_out
from adapters.statements.csv.records import HEAD, Record, Table, labelled, lines_of
from adapters.statements.csv.words import (
    ACCOUNT_LABELS,
    CREDIT_CARDS,
    CURRENCY_LABELS,
    compact_number,
    header_currency,
    normalize,
)
from adapters.statements.limits import MAX_ID, MAX_ROWS
from adapters.statements.text import decode
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, CsvColumn, CsvProfile, ReadingHints
from domain.ledger.profile_validation import validate_profile
from domain.ledger.values import AccountKind
from domain.shared.money import is_currency
from domain.shared.result import Failure, Result, Success

_UNSIGNED = "No amount of the file has a sign: say whether charges are positive."


class DetectedFile(NamedTuple):
    """The contents of a file, its profile, and the signs that its balances prove."""

    layout: Layout
    table: Table
    profile: CsvProfile
    signs: Signs


Detection = Result[DetectedFile, UnreadableStatement | StatementTooLarge]
Lines = Result[list[str], UnreadableStatement | StatementTooLarge]


def find_profile(
    content: bytes, hints: ReadingHints = NO_HINTS
) -> Result[CsvProfile, UnreadableStatement | StatementTooLarge]:
    """Return the profile of a file, or `HintNeeded` where neither file nor hints decide."""
    detected = detect_file(content, hints, MAX_ROWS)
    if isinstance(detected, Failure):
        return detected
    return Success(detected.value.profile)


def detect_file(content: bytes, hints: ReadingHints, most: int) -> Detection:
    """Find the rows of a file by the given profile, a saved one that fits, or detection."""
    if hints.csv_profile is not None:
        return _by_profile(content, hints.csv_profile, most)
    # Decoding is slow, and the profiles have few encodings.
    decoded = cache(lambda encoding: _lines(content, encoding))
    for saved in hints.csv_profiles:
        if _fits(saved, decoded):
            return _by_profile(content, saved, most)
    lines = decoded(None)
    return lines if isinstance(lines, Failure) else _by_detection(content, lines.value, hints, most)


def _lines(content: bytes, encoding: str | None) -> Lines:
    text = decode(content, encoding)
    return text if isinstance(text, Failure) else lines_of(text.value)


def _fits(profile: CsvProfile, decode_as: Callable[[str | None], Lines]) -> bool:
    """Say whether the file has the header of a saved profile."""
    if not profile.header or validate_profile(profile):
        return False
    lines = decode_as(profile.encoding)
    if isinstance(lines, Failure):
        return False
    head = lay_out(lines.value[:HEAD], profile.delimiter, HEAD)
    return isinstance(head, Success) and _header_at(head.value, profile) is not None


def _header_at(layout: Layout, profile: CsvProfile) -> int | None:
    """Return the record that is the profile's header; its place in the file may have changed."""
    wanted = [name.strip() for name in profile.header]
    for at, record in enumerate(layout.records[:HEAD]):
        if [name.strip() for name in record.cells] == wanted:
            return at
    return None


def _by_profile(content: bytes, profile: CsvProfile, most: int) -> Detection:
    invalid = validate_profile(profile)
    if invalid:
        return Failure(UnreadableStatement(invalid))
    lines = _lines(content, profile.encoding)
    laid = lines if isinstance(lines, Failure) else lay_out(lines.value, profile.delimiter, most)
    if isinstance(laid, Failure):
        return laid
    layout, at = laid.value, profile.header_rows - 1
    if profile.header:
        found = _header_at(layout, profile)
        if found is None:
            return Failure(UnreadableStatement("The file has another header than its profile."))
        at = found
    header = layout.records[at].cells if 0 <= at < len(layout.records) else ()
    layout = layout.with_header(at + 1, header)
    table = layout.table
    if max(profile.columns.values()) >= table.width:
        detail = f"The profile names a column that the file does not have: it has {table.width}."
        return Failure(UnreadableStatement(detail))
    signs = signs_from_balances(table, profile.columns, profile.decimal_mark, profile.date_order)
    return Success(DetectedFile(layout, table, with_signs(profile, signs, table), signs))


def _by_detection(
    content: bytes, lines: Sequence[str], hints: ReadingHints, most: int
) -> Detection:
    delimiter = find_delimiter(lines)
    if delimiter is None:
        return Failure(UnreadableStatement("The file has no columns."))
    laid = lay_out(lines, delimiter, most)
    if isinstance(laid, Failure):
        return laid
    layout = find_header(laid.value)
    table = layout.table
    columns = named_columns(table)
    if isinstance(columns, Success):
        columns = infer_columns(table, columns.value)
    if isinstance(columns, Failure):
        return columns
    return _with_profile(layout, table, columns.value, hints)


def _with_profile(
    layout: Layout, table: Table, columns: Columns, hints: ReadingHints
) -> Result[DetectedFile, HintNeeded]:
    order = detect_date_order(table, columns, hints)
    if isinstance(order, Failure):
        return order
    mark = decimal_mark(table, columns, hints)
    if isinstance(mark, Failure):
        return mark
    signs = signs_from_balances(table, columns, mark.value, order.value)
    if (
        lacks_signs(table, columns)
        and not settle_all_signs(signs, table, columns)
        and hints.charges_positive is None
    ):
        return Failure(HintNeeded(_UNSIGNED))
    has_direction = CsvColumn.AMOUNT not in columns or CsvColumn.DIRECTION in columns
    profile = CsvProfile(
        delimiter=layout.delimiter,
        header_rows=layout.header_rows,
        header=layout.header,
        date_order=order.value,
        decimal_mark=mark.value,
        charges_positive=bool(hints.charges_positive) and not has_direction,
        columns=columns,
    )
    return Success(DetectedFile(layout, table, with_signs(profile, signs, table), signs))


_AMOUNT_COLUMNS = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT)


def stated_account(above: Sequence[Record]) -> str:
    """Return the account number in the lines above the header, or nothing."""
    for label, value in labelled(above):
        if normalize(label) in ACCOUNT_LABELS and any(map(str.isdigit, value)):
            return compact_number(value)[:MAX_ID]
    return ""


def stated_kind(file: DetectedFile) -> AccountKind:
    """Return the kind of account: a credit card if a label says so, else unknown."""
    labels = [*file.layout.header, *(label for label, _ in labelled(file.layout.above))]
    cards = any(word in normalize(label) for label in labels for word in CREDIT_CARDS)
    return AccountKind.CREDIT_CARD if cards else AccountKind.OTHER


def stated_currency(file: DetectedFile) -> str:
    """Return the currency in the header of an amount, or in a line above it."""
    header, columns = file.layout.header, file.profile.columns
    for role in _AMOUNT_COLUMNS:
        if role in columns and columns[role] < len(header):
            named = header_currency(header[columns[role]])
            if named:
                return named
    stated = [
        value for label, value in labelled(file.layout.above) if normalize(label) in CURRENCY_LABELS
    ]
    return next((value.upper() for value in stated if is_currency(value.upper())), "")
