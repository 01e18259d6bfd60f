"""The profile of a file: one that is given, a saved one that fits, or one that is detected."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import NamedTuple

from adapters.statements.amounts import shown_marks
from adapters.statements.csv import questions
from adapters.statements.csv.accounts import may_be_own_account
from adapters.statements.csv.amount_columns import decimal_mark
from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.candidates import Columns, FoundColumns, holds_money, number
from adapters.statements.csv.columns import chosen_columns, named_columns
from adapters.statements.csv.dates import detect_date_order
from adapters.statements.csv.dialect import find_delimiter, find_header, lay_out
from adapters.statements.csv.inference import add_columns, serial_days
from adapters.statements.csv.joining import rejoin
from adapters.statements.csv.layouts import by_layout
from adapters.statements.csv.records import HEAD, Table, labelled, lines_of
from adapters.statements.csv.sections import Layout
from adapters.statements.csv.settling import settle_amounts
from adapters.statements.csv.signs import Signs, signs_from_balances, with_signs
from adapters.statements.csv.symbols import contradicted, currency_asked
from adapters.statements.csv.titles import stated_currency_in
from adapters.statements.csv.units import in_usual_units
from adapters.statements.csv.words import (
    CREDIT_CARDS,
    CURRENCY_LABELS,
    KNOWN,
    header_currency,
    normalize,
    normalize_header,
)
from adapters.statements.limits import MAX_ROWS
from adapters.statements.text import decode
from domain.ledger.errors import HintNeeded, StatementTooLarge, UnreadableStatement
from domain.ledger.hints import NO_HINTS, CsvColumn, CsvProfile, DateOrder, ReadingHints
from domain.ledger.kinds import AccountKind
from domain.ledger.profile_validation import validate_profile
from domain.ledger.questions import ACCOUNT_ASKED, Question, column_field
from domain.shared.money import is_listed
from domain.shared.result import Failure, Result, Success

_POINT_SCRIPTS = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3\u0e00-\u0e7f\u0900-\u097f]")
_DATES = (CsvColumn.BOOKING_DATE, CsvColumn.VALUE_DATE)
_MONEY = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT, CsvColumn.BALANCE)
_REPLACES = {
    CsvColumn.AMOUNT: {CsvColumn.DEBIT, CsvColumn.CREDIT},
    CsvColumn.DEBIT: {CsvColumn.AMOUNT, CsvColumn.DIRECTION},
    CsvColumn.CREDIT: {CsvColumn.AMOUNT, CsvColumn.DIRECTION},
}


class DetectedFile(NamedTuple):
    """The contents of a file, its profile, and the signs that its balances prove.

    `turned_round` is the question to ask if balances fall by what comes in. `may_owe` says whether
    balances may be what is owed.
    """

    layout: Layout
    table: Table
    profile: CsvProfile
    signs: Signs
    turned_round: Question | None = None
    may_owe: bool = False


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
        return _by_profile(content, hints.csv_profile, hints, most)
    # Decoding is slow, and the profiles have few encodings.
    decoded = cache(lambda encoding: _lines(content, encoding))
    for saved in hints.csv_profiles:
        if _fits(saved, decoded, hints.encoding):
            return _by_profile(content, saved, hints, most)
    lines = decoded(hints.encoding)
    return lines if isinstance(lines, Failure) else _by_detection(content, lines.value, hints, most)


def _lines(content: bytes, encoding: str | None) -> Lines:
    text = decode(content, encoding, lambda cell: normalize_header(cell) in KNOWN)
    return text if isinstance(text, Failure) else lines_of(text.value)


def _fits(
    profile: CsvProfile, decode_as: Callable[[str | None], Lines], encoding: str | None
) -> bool:
    """Say whether the file has the header of a saved profile."""
    if not profile.header or validate_profile(profile):
        return False
    lines = decode_as(profile.encoding or encoding)
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


def _by_profile(content: bytes, profile: CsvProfile, hints: ReadingHints, most: int) -> Detection:
    invalid = validate_profile(profile)
    if invalid:
        return Failure(UnreadableStatement(invalid))
    lines = _lines(content, profile.encoding or hints.encoding)
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
    joined = rejoin(layout.with_header(at + 1, header))
    if isinstance(joined, Failure):
        return joined
    layout = _in_usual_units(joined.value, hints)
    table = layout.table
    chosen = chosen_columns(table, hints.columns)
    detail = _lacking(table, profile) or chosen.unreadable
    if detail:
        return Failure(UnreadableStatement(detail))
    profile = _with_columns(profile, chosen.columns)
    asked = chosen.questions or list(_other_currency(layout, table, profile.columns, hints))
    if asked:
        return Failure(HintNeeded.ask(*asked))
    signs = signs_from_balances(table, profile.columns, profile.decimal_mark, profile.date_order)
    profile = with_signs(profile, signs, table)
    return Success(DetectedFile(layout, table, profile, signs))


def _in_usual_units(layout: Layout, hints: ReadingHints) -> Layout:
    """Hundredths are those of the currency that the file states, wherever that stands."""
    stated = stated_currency(layout, {}) or stated_currency_in(layout.above)
    return in_usual_units(layout, stated or hints.currency)


def _lacking(table: Table, profile: CsvProfile) -> str:
    """Return why a profile is not one of the file: it names more columns."""
    if max(profile.columns.values()) < table.width:
        return ""
    return f"The profile names a column that the file does not have: it has {table.width}."


def _with_columns(profile: CsvProfile, chosen: Columns) -> CsvProfile:
    """Return a profile with other columns, which replace what it says of them."""
    gone = {role for each in chosen for role in _REPLACES.get(each, ())}
    columns = {
        role: at
        for role, at in profile.columns.items()
        if role not in gone and at not in chosen.values()
    }
    return replace(profile, columns=columns | chosen)


def _by_detection(
    content: bytes, lines: Sequence[str], hints: ReadingHints, most: int
) -> Detection:
    delimiter = find_delimiter(lines)
    if delimiter is None:
        return Failure(UnreadableStatement("The file has no columns."))
    laid = lay_out(lines, delimiter, most)
    if isinstance(laid, Failure):
        return laid
    joined = rejoin(find_header(laid.value))
    if isinstance(joined, Failure):
        return joined
    layout = _in_usual_units(joined.value, hints)
    table = layout.table
    hints = by_layout(table, hints)
    found = named_columns(table, hints.columns)
    if found.unreadable:
        return Failure(UnreadableStatement(found.unreadable))
    add_columns(table, found)
    serials = serial_days(table)
    if serials and column_field(CsvColumn.BOOKING_DATE) in {each.field for each in found.questions}:
        return Failure(UnreadableStatement(serials))
    return _with_profile(layout, table, found, hints)


def _with_profile(
    layout: Layout, table: Table, found: FoundColumns, hints: ReadingHints
) -> Result[DetectedFile, HintNeeded]:
    """Return the file with its profile, or all questions that are open about it."""
    columns = found.columns
    dates, money = found.spread(_DATES), found.spread(_MONEY)
    cells = chain.from_iterable(map(table.values, dates.values()))
    ordered = detect_date_order(cells, hints.date_order)
    marked = _decimal_mark(layout, table, money, hints)
    order = ordered.value if isinstance(ordered, Success) else DateOrder.YEAR_FIRST
    mark = marked.value if isinstance(marked, Success) else "."
    settled = settle_amounts(table, found, mark, order, hints)
    asked = [
        *found.questions,
        *_open(ordered, table, dates),
        *_open(marked, table, money),
        *settled.questions,
        *_own_account(layout, table, columns, hints),
        *_other_currency(layout, table, columns, hints),
    ]
    if asked:
        return Failure(HintNeeded.ask(*asked, *unnamed(layout, table, columns, hints)))
    rule = settled.rule
    profile = CsvProfile(
        delimiter=layout.delimiter,
        encoding=hints.encoding,
        header_rows=layout.header_rows,
        header=layout.header,
        date_order=order,
        decimal_mark=mark,
        charges_positive=rule.charges_positive,
        columns=settled.columns,
    )
    profile = with_signs(profile, rule.signs, table)
    about = settled.turned_round, settled.may_owe
    return Success(DetectedFile(layout, table, profile, rule.signs, *about))


# --- Questions ------------------------------------------------------------------------------------


def _open(
    decided: Result[object, HintNeeded], table: Table, columns: Columns
) -> Iterator[Question]:
    if isinstance(decided, Failure):
        for question in decided.error.questions:
            yield questions.about(question, table, columns.values())


def _decimal_mark(
    layout: Layout, table: Table, money: Columns, hints: ReadingHints
) -> Result[str, HintNeeded]:
    """Return the decimal mark of the amounts, or the one that is in all other numbers."""
    found = decimal_mark(table, money, hints)
    if isinstance(found, Success):
        return found
    values = {value for _, value in labelled(layout.above)}
    others = (at for at in range(table.width) if at not in money.values())
    values.update(value for at in others if holds_money(table, at) for value in table.shapes(at))
    marks = shown_marks(token.digits for value in values if (token := number(value)))
    if len(marks) == 1:
        return Success(marks.pop().value)
    headings = (layout.header[at] for at in money.values() if at < len(layout.header))
    # Wherever these scripts are written, a point begins the decimals and a comma groups.
    return Success(".") if any(map(_POINT_SCRIPTS.search, headings)) else found


def _own_account(
    layout: Layout, table: Table, columns: Columns, hints: ReadingHints
) -> Iterator[Question]:
    """Ask for the column of the own account, if neither the file nor a hint names the account."""
    if CsvColumn.ACCOUNT not in columns and not hints.account and not layout.names_accounts:
        options = may_be_own_account(table, columns)
        if options:
            yield questions.own_account(table, options)


def _other_currency(
    layout: Layout, table: Table, columns: Mapping[CsvColumn, int], hints: ReadingHints
) -> Iterator[Question]:
    """Ask again for a currency that the symbol beside the amounts is not one of."""
    stated = stated_currency(layout, columns)
    asked = None if stated else contradicted(table, columns, hints.currency)
    if asked:
        yield asked


def unnamed(
    layout: Layout, table: Table, columns: Mapping[CsvColumn, int], hints: ReadingHints
) -> Iterator[Question]:
    """Ask for the currency and the account, if neither the file nor a hint names them."""
    if CsvColumn.CURRENCY not in columns and not hints.currency:
        money = [columns[role] for role in _MONEY if role in columns]
        tokens = map(parse_token, chain.from_iterable(map(table.shapes, money)))
        stated = stated_currency(layout, columns) or layout.names_currencies
        if not stated and not any(each.currency for each in tokens if each):
            yield currency_asked(table, columns)
    if CsvColumn.ACCOUNT not in columns and not hints.account and not layout.names_accounts:
        line = layout.unclear_line
        yield questions.account_below(line) if line else ACCOUNT_ASKED


# --- What the file says once ------------------------------------------------------------------


def stated_kind(file: DetectedFile) -> AccountKind:
    """Return the kind of account: a credit card if a label says so, else unknown."""
    labels = [*file.layout.header, *(label for label, _ in labelled(file.layout.above))]
    cards = any(word in normalize(label) for label in labels for word in CREDIT_CARDS)
    return AccountKind.CREDIT_CARD if cards else AccountKind.OTHER


def stated_currency(layout: Layout, columns: Mapping[CsvColumn, int]) -> str:
    """Return the currency in the header of an amount, or in a line above it.

    The header of the balance counts where no column names what the amounts are in.
    """
    header = layout.header
    for role in _MONEY[: -1 if CsvColumn.CURRENCY in columns else None]:
        if role in columns and columns[role] < len(header):
            named = header_currency(header[columns[role]])
            if named:
                return named
    stated = [
        value for label, value in labelled(layout.above) if normalize(label) in CURRENCY_LABELS
    ]
    return next((value.upper() for value in stated if is_listed(value.upper())), "")
