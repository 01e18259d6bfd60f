"""How a file is written: as a profile says that fits it, or as the file itself shows."""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from adapters.statements.amounts import is_open, shown_marks
from adapters.statements.csv.cells import written
from adapters.statements.csv.columns import Columns, named_columns
from adapters.statements.csv.content import completed
from adapters.statements.csv.days import is_year_first, numeric
from adapters.statements.csv.layout import Layout, find_delimiter, lay_out, with_header
from adapters.statements.csv.records import HEAD, lines_of
from adapters.statements.csv.signs import Signs, by_signs, lacks_signs, signs_of, tell_all
from adapters.statements.csv.table import Table
from adapters.statements.dates import date_order
from adapters.statements.limits import MAX_ROWS
from adapters.statements.text import decode
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, CsvColumn, CsvProfile, DateOrder, ReadingHints
from domain.ledger.profile_flaws import flaw_of
from domain.shared.result import Failure, Result, Success

_SUMS = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT, CsvColumn.BALANCE)
_UNMARKED = "The amounts of the file can be read in two ways: say what begins their decimals."
_UNSIGNED = "No amount of the file has a sign: say whether charges are positive."


class Opened(NamedTuple):
    """A file, how it is written, and which way amounts go that have no sign."""

    layout: Layout
    table: Table
    profile: CsvProfile
    signs: Signs


Opening = Result[Opened, UnreadableStatement | StatementTooLarge]
Lines = Result[list[str], UnreadableStatement | StatementTooLarge]


def find_profile(
    content: bytes, hints: ReadingHints = NO_HINTS
) -> Result[CsvProfile, UnreadableStatement | StatementTooLarge]:
    """Return how a file is written; what it leaves open and no hint tells is `HintNeeded`."""
    opened = open_file(content, hints, MAX_ROWS)
    return opened if isinstance(opened, Failure) else Success(opened.value.profile)


def open_file(content: bytes, hints: ReadingHints, most: int) -> Opening:
    """Find the rows of a file: by the profile given, by one that was kept, or by evidence."""
    if hints.csv_profile is not None:
        return _by_profile(content, hints.csv_profile, most)
    # Profiles have few encodings between them, and a file takes long to decode.
    decoded = cache(lambda encoding: _lines(content, encoding))
    for kept in hints.csv_profiles:
        if kept.header and not flaw_of(kept) and _is_of(decoded(kept.encoding), kept):
            return _by_profile(content, kept, most)
    lines = decoded(None)
    return lines if isinstance(lines, Failure) else _by_evidence(content, lines.value, hints, most)


def _lines(content: bytes, encoding: str | None) -> Lines:
    text = decode(content, encoding)
    return text if isinstance(text, Failure) else lines_of(text.value)


def _is_of(lines: Lines, kept: CsvProfile) -> bool:
    """Tell whether the header of a profile is the file's."""
    if isinstance(lines, Failure):
        return False
    head = lay_out(lines.value[:HEAD], kept.delimiter, HEAD)
    return isinstance(head, Success) and _header_at(head.value, kept) is not None


def _header_at(layout: Layout, profile: CsvProfile) -> int | None:
    """Return where the header of a profile stands; it may have more above it than it had once."""
    wanted = [name.strip() for name in profile.header]
    for at, record in enumerate(layout.records[:HEAD]):
        if [name.strip() for name in record.cells] == wanted:
            return at
    return None


def _by_profile(content: bytes, profile: CsvProfile, most: int) -> Opening:
    told = flaw_of(profile)
    if told:
        return Failure(UnreadableStatement(told))
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
    layout = layout.begins(at + 1, header)
    table = layout.table
    if max(profile.columns.values()) >= table.width:
        told = f"The profile names a column that the file does not have: it has {table.width}."
        return Failure(UnreadableStatement(told))
    signs = signs_of(table, profile.columns, profile.decimal_mark, profile.date_order)
    return Success(Opened(layout, table, by_signs(profile, signs, table), signs))


def _by_evidence(content: bytes, lines: Sequence[str], hints: ReadingHints, most: int) -> Opening:
    delimiter = find_delimiter(lines)
    if delimiter is None:
        return Failure(UnreadableStatement("The file has no columns."))
    laid = lay_out(lines, delimiter, most)
    if isinstance(laid, Failure):
        return laid
    layout = with_header(laid.value)
    table = layout.table
    columns = named_columns(table)
    if isinstance(columns, Success):
        columns = completed(table, columns.value)
    if isinstance(columns, Failure):
        return columns
    return _with_profile(layout, table, columns.value, hints)


def _with_profile(
    layout: Layout, table: Table, columns: Columns, hints: ReadingHints
) -> Result[Opened, HintNeeded]:
    order = _date_order(table, columns, hints)
    if isinstance(order, Failure):
        return order
    mark = _decimal_mark(table, columns, hints)
    if isinstance(mark, Failure):
        return mark
    signs = signs_of(table, columns, mark.value, order.value)
    if (
        lacks_signs(table, columns)
        and not tell_all(signs, table, columns)
        and hints.charges_positive is None
    ):
        return Failure(HintNeeded(_UNSIGNED))
    directed = CsvColumn.AMOUNT not in columns or CsvColumn.DIRECTION in columns
    profile = CsvProfile(
        delimiter=layout.delimiter,
        header_rows=layout.begin,
        header=layout.header,
        date_order=order.value,
        decimal_mark=mark.value,
        charges_positive=bool(hints.charges_positive) and not directed,
        columns=columns,
    )
    return Success(Opened(layout, table, by_signs(profile, signs, table), signs))


def _date_order(
    table: Table, columns: Columns, hints: ReadingHints
) -> Result[DateOrder, HintNeeded]:
    dated = [columns[CsvColumn.BOOKING_DATE]]
    dated += [columns[CsvColumn.VALUE_DATE]] if CsvColumn.VALUE_DATE in columns else []
    texts = set(map(numeric, chain.from_iterable(table.values(at) for at in dated)))
    open_texts = {text for text in texts if not is_year_first(text)}
    if len(open_texts) < len(texts) and not any(any(map(str.isdigit, t)) for t in open_texts):
        return Success(DateOrder.YEAR_FIRST)
    return date_order(open_texts, hints.date_order)


def _decimal_mark(table: Table, columns: Columns, hints: ReadingHints) -> Result[str, HintNeeded]:
    """Return what the amounts show; where they show nothing, or both, it may not matter."""
    values = chain.from_iterable(table.shapes(columns[role]) for role in _SUMS if role in columns)
    digits = {found.digits for value in values if (found := written(value))}
    shown = shown_marks(digits)
    if len(shown) == 1:
        return Success(shown.pop().value)
    if hints.decimal_mark in (".", ","):
        return Success(hints.decimal_mark)
    return Failure(HintNeeded(_UNMARKED)) if any(map(is_open, digits)) else Success(".")
