"""Joins values that commas without quotes have cut in two: decimals, thousands, and texts.

A row with more values than the header has names is put together so that every date is a date and
every amount an amount. Where two ways of joining fit, the balances decide, or nothing does.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.amounts import parse_token, read_number
from adapters.statements.csv.dates import MAX_CELL, is_date
from adapters.statements.csv.records import Record
from adapters.statements.csv.sections import Layout
from adapters.statements.csv.words import HEADERS, normalize_header
from domain.ledger.errors import UnreadableStatement
from domain.ledger.hints import CsvColumn
from domain.shared.result import Failure, Result, Success

COMMA = ","
_NO_WAY = (
    "The rows have more values than the header has names: commas without quotes can be read in two"
    " ways. Export the file with quotes, or with semicolons."
)
# So many values more than names are joined, and so many ways are tried.
_MOST_EXTRA, _MOST_WAYS = 12, 20
# All ways of all rows together have no more values: that is twenty for each of 100,000 rows.
_MOST_VALUES = 2_000_000
_DATES = (CsvColumn.BOOKING_DATE, CsvColumn.VALUE_DATE)
_PAIR = (CsvColumn.DEBIT, CsvColumn.CREDIT)
_MONEY = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT, CsvColumn.BALANCE)
# “-1.234” and “50” are an amount and its decimals, “1” and “234.50” thousands and the rest.
_BEFORE_DECIMALS = re.compile(r"[^\d,]*(?:\d+|\d{1,3}(?:[. '\u00a0\u202f]\d{3})+)\s*", re.ASCII)
_DECIMALS = re.compile(r"\d{1,2}(?!\d)[^\d.]*", re.ASCII)
_BEFORE_THOUSANDS = re.compile(r"[^\d,]*[1-9]\d{0,2}", re.ASCII)
_THOUSANDS = re.compile(r"\d{3}", re.ASCII)
_LAST_THOUSANDS = re.compile(r"\d{3}(?:\.\d*)?[^\d.]*", re.ASCII)

Cells = Sequence[str]


class _Columns(NamedTuple):
    """What the header names: how many columns, and which hold dates, or money by its role.

    `all` counts those without a name at the end too.
    """

    width: int
    all: int
    dates: frozenset[int | None]
    money: dict[CsvColumn, int]


def rejoin(layout: Layout) -> Result[Layout, UnreadableStatement]:
    """Return the layout with as many values in each row as names in the header, if it can be.

    A row that can be joined in two ways loses its values, which quarantines it.
    """
    columns = _columns(layout)
    if layout.delimiter != COMMA or not columns.money:
        return Success(layout)
    wide = [row for row in layout.rows if len(row.cells) > columns.width]
    ways: dict[int, list[Cells]] = {}
    many = 0
    for row in wide:
        found = _joinings(row.cells, columns)
        many += sum(map(len, found))
        if many > _MOST_VALUES:
            return Failure(UnreadableStatement(_NO_WAY))
        if found:
            ways[row.line] = found
    if not ways:
        return Success(layout)
    joined = list(_decided(layout.rows, ways, columns))
    if not any(record.cells for record in joined):
        return Failure(UnreadableStatement(_NO_WAY))
    records = [*layout.records[: layout.header_rows], *joined]
    layout = layout._replace(records=records)
    return Success(layout.with_header(layout.header_rows, layout.header))


def _columns(layout: Layout) -> _Columns:
    names = [normalize_header(name) for name in _filled(layout.header)]
    dates: set[int | None] = {
        at for at, name in enumerate(names) for role in _DATES if name in HEADERS[role]
    }
    money = {role: at for role in _MONEY for at, name in enumerate(names) if name in HEADERS[role]}
    if not money and names:
        cut = next((at for at in range(len(names)) if _is_cut(layout.rows, at)), None)
        money = {} if cut is None else {CsvColumn.AMOUNT: cut}
        dates -= {cut}
    return _Columns(len(names), len(layout.header), frozenset(dates), money)


def _is_cut(rows: Sequence[Record], at: int) -> bool:
    """Say whether what may be decimals stands behind what may be an amount in every row."""
    pairs = [row.cells[at : at + 2] for row in rows]
    return bool(pairs) and all(
        len(pair) == 2 and _is_amount(pair) and not is_date(pair[0]) for pair in pairs
    )


def _filled(cells: Cells) -> Cells:
    """Return the values without empty ones at the end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


# --- The ways to join a row -----------------------------------------------------------------------


def _joinings(cells: Cells, columns: _Columns) -> list[Cells]:
    """Return the ways to join the values of a row that has more of them than columns.

    Empty values at its end may be those of columns, or one too many.
    """
    filled = _filled(cells)
    fits = len(filled) <= columns.width
    if fits and not any(_is_amount(filled[at : at + 2]) for at in range(len(filled) - 1)):
        return []
    found = _ways(cells, columns)
    if len(filled) <= columns.width:
        found += [cells[: columns.width]] if found and _may_stand(cells, columns) else []
    elif len(filled) < len(cells):
        found = found or _ways(filled, columns)
    # Where the decimals of an amount may be a text on their own, they are the decimals.
    money = set(columns.money.values())
    found = [way for way in found if not any(_is_torn(way, at, money) for at in money)] or found
    if any(way[at] not in cells for way in found for at in money):
        return found
    # No amount is cut: only a text may be.
    return found if len(found) == 1 and len(cells) > columns.all else []


def _may_stand(cells: Cells, columns: _Columns) -> bool:
    """Say whether a row may be as it is: it has no debit beside a credit."""
    pair = [columns.money[role] for role in _PAIR if role in columns.money]
    return len(pair) < len(_PAIR) or not all(cells[at].strip() for at in pair)


def _is_torn(way: Cells, at: int, money: set[int]) -> bool:
    return at + 1 < len(way) and at + 1 not in money and _is_amount(way[at : at + 2])


def _ways(cells: Cells, columns: _Columns) -> list[Cells]:
    """Return the ways to divide values among the columns, unless there are too many.

    What a value of a column may end with depends on where it begins, and not on how the values
    before it were divided: so the ways are counted cell by cell before they are put together.
    """
    if not columns.width < len(cells) <= columns.width + _MOST_EXTRA:
        return []
    words = [_is_word(cell.strip()) for cell in cells]
    steps: list[dict[int, list[int]]] = []
    ways = Counter({0: 1})
    for at in range(columns.width):
        begins: defaultdict[int, list[int]] = defaultdict(list)
        reached = Counter[int]()
        last = len(cells) - (columns.width - at - 1)
        for begin, many in ways.items():
            for end in _ends(cells[begin:last], words[begin:last], at, columns):
                begins[begin + end].append(begin)
                reached[begin + end] += many
        if reached.total() > _MOST_WAYS * (_MOST_EXTRA + 1):
            return []
        steps.append(begins)
        ways = reached
    return _put_together(cells, steps)


def _put_together(cells: Cells, steps: Sequence[Mapping[int, Sequence[int]]]) -> list[Cells]:
    """Return the values of each way, from its last step to its first: no other ways lead there."""
    found: list[tuple[int, tuple[str, ...]]] = [(len(cells), ())]
    for begins in reversed(steps):
        found = [
            (begin, (COMMA.join(cells[begin:end]), *done))
            for end, done in found
            for begin in begins.get(end, ())
        ]
    return [values for _, values in found]


def _ends(cells: Cells, words: Sequence[bool], at: int, columns: _Columns) -> Iterator[int]:
    """Yield with how many of the next cells a value of a column may end."""
    if at in columns.money.values():
        yield from _ends_of_money(cells)
    elif at in columns.dates:
        yield from _ends_of_date(cells)
    else:
        # No comma of a text stands beside a number, which would be an amount, or beside nothing.
        yield from range(1, max(_leading(words), 1) + 1)


def _ends_of_money(cells: Cells) -> Iterator[int]:
    first, *others = (cell.strip() for cell in cells[: _MOST_EXTRA + 1])
    if not first or parse_token(first):
        yield 1
    is_thousands = _BEFORE_THOUSANDS.fullmatch(first)
    for end, cell in enumerate(others, start=2):
        is_last = is_thousands and _LAST_THOUSANDS.fullmatch(cell)
        if is_last or (end == 2 and _is_amount(cells[:2])):
            yield end
        if not is_thousands or not _THOUSANDS.fullmatch(cell):
            break


def _ends_of_date(cells: Cells) -> Iterator[int]:
    text = ""
    for end, cell in enumerate(cells, start=1):
        text = f"{text}{COMMA}{cell}" if end > 1 else cell
        if len(text.strip()) > MAX_CELL:
            break
        if is_date(text.strip()) or (end == 1 and not text.strip()):
            yield end


def _leading(words: Sequence[bool]) -> int:
    return words.index(False) if False in words else len(words)


def _is_word(cell: str) -> bool:
    return bool(cell) and parse_token(cell) is None


def _is_amount(pair: Cells) -> bool:
    """Say whether two values are an amount that is cut in two."""
    first, last = (part.strip() for part in pair)
    if _BEFORE_DECIMALS.fullmatch(first) and _DECIMALS.fullmatch(last):
        return parse_token(COMMA.join(pair)) is not None
    return bool(_BEFORE_THOUSANDS.fullmatch(first) and _LAST_THOUSANDS.fullmatch(last))


# --- The way of the file --------------------------------------------------------------------------


def _decided(
    rows: Sequence[Record], ways: dict[int, list[Cells]], columns: _Columns
) -> Iterator[Record]:
    """Yield the rows with their values joined in the only way, or in that of the balances."""
    options = [ways.get(row.line) or [row.cells] for row in rows]
    mark = DecimalMark.COMMA if _has_decimals(options, columns) else DecimalMark.POINT
    for number, (row, own) in enumerate(zip(rows, options, strict=True)):
        if len(own) > 1:
            beside = [each for at in (number - 1, number + 1) for each in _at(options, at)]
            own = [way for way in own if _follows(way, beside, columns, mark)] or own
        yield row._replace(cells=own[0] if len(own) == 1 else ())


def _at(options: Sequence[list[Cells]], number: int) -> list[Cells]:
    found = options[number] if 0 <= number < len(options) else []
    return found if len(found) == 1 else []


def _has_decimals(options: Sequence[list[Cells]], columns: _Columns) -> bool:
    """Say whether a comma begins the decimals of the amounts that can be joined in one way."""
    amounts = (
        own[0][at] for own in options if len(own) == 1 for at in columns.money.values()
        if at < len(own[0])
    )  # fmt: skip
    return any(re.search(r",\d{1,2}\D*$", amount) for amount in amounts)


def _follows(way: Cells, beside: Sequence[Cells], columns: _Columns, mark: DecimalMark) -> bool:
    """Say whether the balance of a row follows from that of a row beside it."""
    balance = _read(way, columns, CsvColumn.BALANCE, mark)
    for other in beside:
        its = _read(other, columns, CsvColumn.BALANCE, mark)
        moved = {_moved(each, columns, mark) for each in (way, other)}
        if balance is not None and its is not None and abs(balance - its) in moved:
            return True
    return False


def _moved(way: Cells, columns: _Columns, mark: DecimalMark) -> Decimal:
    amounts = (_read(way, columns, role, mark) for role in _MONEY[:-1])
    return abs(next(filter(None, amounts), Decimal(0)))


def _read(way: Cells, columns: _Columns, role: CsvColumn, mark: DecimalMark) -> Decimal | None:
    at = columns.money.get(role, len(way))
    return read_number(way[at].strip(), mark) if at < len(way) else None
