"""The records of a file, and its sections: rows below a header, or of an account that is named."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.dates import is_date
from adapters.statements.csv.records import Record, Table, usual_width
from adapters.statements.csv.titles import (
    AccountLine,
    account_in,
    currency_of,
    has_number,
    is_row,
    labels_section,
    may_be_title,
    names_account,
    says_value,
    state_of,
    stated_account,
    stated_currency_in,
    states_balance,
    titles_above,
)
from adapters.statements.csv.words import (
    HEADERS,
    KNOWN,
    names_balance,
    normalize_header,
)
from adapters.statements.limits import MAX_ID
from domain.ledger.hints import CsvColumn
from domain.shared.money import is_listed

# A record with no more values than these may be a label and what it labels.
_LABELLED = 2
# A line between rows that says whose rows follow has no more.
_FEW = 4
# So many rows show where dates and amounts stand, and so many cells are looked at for a date.
_SAMPLE, _CELLS = 20, 50
_DATES = {*HEADERS[CsvColumn.BOOKING_DATE], *HEADERS[CsvColumn.VALUE_DATE]}
_MONEY = {
    word for role in (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT) for word in HEADERS[role]
}
_BALANCES = {*HEADERS[CsvColumn.BALANCE]}
# Many rows begin with the same day.
_CACHED = 4096
_DIGIT = re.compile(r"\d", re.ASCII)


class Section(NamedTuple):
    """Rows, all with the columns of the main header, and the lines above them.

    `account` is the one that these lines name, or a line above the sections before. It is unclear
    where a line is called an account and names none, or stands like a title right above a header.
    A `title` may name an account too.
    """

    above: Sequence[Record]
    rows: list[Record]
    account: str = ""
    currency: str = ""
    title: str = ""
    is_pending: bool = False
    is_unclear: bool = False


class Layout(NamedTuple):
    """The records of a file, `header_rows` of which stand before the first row of data.

    The `preamble` is above the header, where a line below it says whose rows follow.
    """

    delimiter: str
    records: Sequence[Record]
    header: Sequence[str] = ()
    header_rows: int = 0
    sections: Sequence[Section] = ()
    preamble: Sequence[Record] = ()

    @property
    def rows(self) -> Sequence[Record]:
        return [row for section in self.sections for row in section.rows]

    @property
    def above(self) -> Sequence[Record]:
        """The records above the header, or above the rows of a file without a header."""
        return [*self.preamble, *self.sections[0].above]

    @property
    def names_accounts(self) -> bool:
        """Whether lines above all rows name their account."""
        return all(section.account for section in self.sections)

    @property
    def unclear_line(self) -> str:
        """What the only line says that begins the rows of an account and does not name it."""
        unclear = [section for section in self.sections if not section.account]
        if len(unclear) != 1 or not unclear[0].is_unclear:
            return ""
        return " ".join(cell.strip() for cell in unclear[0].above[0].cells if cell.strip())

    @property
    def names_currencies(self) -> bool:
        """Whether lines above all rows name their currency."""
        return all(section.currency for section in self.sections)

    @property
    def width(self) -> int:
        return usual_width(self.records)

    @property
    def table(self) -> Table:
        rows = [row for row in self.rows if row.cells != self.header]
        return Table(self.header, rows, usual_width(rows), self.above)

    def with_header(self, header_rows: int, header: Sequence[str]) -> "Layout":
        above = self.records[: max(header_rows - bool(header), 0)]
        divider = divide(above, header, self.records[header_rows:])
        return self._replace(
            header_rows=header_rows,
            header=header,
            sections=divider.sections(),
            preamble=divider.preamble(),
        )


def divide(above: Sequence[Record], header: Sequence[str], below: Sequence[Record]) -> "_Divider":
    """Divide a file into sections: most have one, and some have rows above the main header."""
    divider = _Divider(header)
    early = _rows_above(above, header, below[:_SAMPLE]) if header else {}
    lines: list[Record] = []
    for record in above:
        if record.line in early:
            divider.begin_below(lines)
            lines = []
            divider.rows.append(early[record.line])
        else:
            lines.append(record)
    divider.begin_below(lines, always=True)
    for record in below:
        divider.add(record)
    return divider


class _Divider:
    """Divides rows where another header begins, or a line names an account."""

    def __init__(self, header: Sequence[str]) -> None:
        self._header = header
        self._names = {name for cell in header for name in (cell, cell.strip()) if name}
        self._order: Sequence[int] | None = None
        self._sections: list[Section] = []
        self._has_header = True
        self._currency = currency_of(header)
        self._begins_row = lru_cache(_CACHED)(_begins_row)
        self.rows: list[Record] = []

    def begin(self, section: Section, *, has_header: bool = False) -> None:
        self.rows = section.rows
        self._sections.append(section)
        self._has_header = has_header

    def begin_below(self, above: Sequence[Record], *, always: bool = False) -> None:
        """Begin a section below lines, which may name its account, if there are any."""
        if not (above or always or not self._sections):
            return
        before = self._sections[-1].account if self._sections else ""
        stated, currency = stated_account(above), stated_currency_in(above)
        # A header may stand between a title and the rows.
        title, state = titles_above([line for line in above if not states_balance(line)][-2:])
        title = "" if stated else title
        section = Section(above, [], stated or before, currency, title, bool(state))
        self.begin(section, has_header=True)

    def add(self, record: Record) -> None:
        cells = record.cells
        if self._order is None and self._is_plain(cells):
            self.rows.append(record)
            return
        if len(cells) - cells.count("") <= _FEW and self._add_line(record):
            return
        if self._header and _is_header(record, self._names):
            self._add_header(record)
        else:
            self.rows.append(record if self._order is None else _rearranged(record, self._order))

    def _is_plain(self, cells: Sequence[str]) -> bool:
        """Say whether values are those of a row at first sight, as most are."""
        if not cells or not self._names.isdisjoint(cells):
            return False
        if len(cells) - cells.count("") > _FEW:
            return _DIGIT.search(cells[0]) is not None
        return self._begins_row(cells[0]) and any(map(str.strip, cells[1:]))

    def _add_line(self, record: Record) -> bool:
        """Begin a section if a line says whose rows follow, in which currency or state."""
        cells = [cell.strip() for cell in record.cells if cell.strip()]
        first = cells[0] if cells else ""
        if len(cells) > 1 and not labels_section(first):
            return self._add_unclear(record)
        if len(cells) > 1 and not says_value(cells) and _is_header(record, self._names):
            return False
        now = self._sections[-1]
        line = AccountLine.of(record)
        if line:
            if now.rows or not now.account or line.is_number:
                pending = now.is_pending and not now.rows
                currency = line.currency or ("" if now.rows else now.currency)
                unclear = not line.account
                section = Section([record], [], line.account, currency, "", pending, unclear)
                self.begin(section)
            return True
        currency = stated_currency_in([record]) if len(cells) <= _LABELLED else ""
        currency = currency or (first if len(cells) == 1 and is_listed(first) else "")
        state = state_of(first) if len(cells) == 1 else None
        if not currency and state is None:
            return False
        title = self._popped_title() or (first[:MAX_ID] if names_account(first) else "")
        self.begin(
            now._replace(
                above=[record],
                rows=[],
                currency=currency or now.currency,
                title=title or now.title,
                is_pending=now.is_pending if state is None else state,
            )
        )
        return True

    def _add_unclear(self, record: Record) -> bool:
        """Begin a section below a line in the place of a row that may name another account."""
        now = self._sections[-1]
        if not (now.rows and now.account and record.cells[0].strip()):
            return False
        if not (may_be_title(record, self._header) and any(map(has_number, record.cells))):
            return False
        self.begin(Section([record], [], is_unclear=True))
        return True

    def _popped_title(self) -> str:
        """Return the title that stands below the last row, and is none."""
        title, _ = titles_above(self.rows[-1:])
        if title:
            self.rows.pop()
        return title

    def _popped_lines(self) -> list[Record]:
        """Return the line above a header that is no row, and the balances between the two."""
        at = len(self.rows) - 1
        while at > 0 and states_balance(self.rows[at]):
            at -= 1
        lines = self.rows[at:] if at >= 0 else []
        if not lines or not (titles_above(lines[:1])[0] or may_be_title(lines[0], self._header)):
            return []
        del self.rows[at:]
        return lines

    def _add_header(self, record: Record) -> None:
        self._order = _order(record, self._header)
        currency = currency_of(record.cells)
        lines, now = self._popped_lines(), self._sections[-1]
        title, _ = titles_above(lines[:1])
        if title:
            named = next(filter(is_listed, title.split()), "")
            self.begin(Section(lines[1:], [], now.account, currency or named, title))
        elif lines:
            self.begin(Section(lines, [], "", currency, "", is_unclear=True))
        elif currency and currency != (now.currency or self._currency):
            # The same account, but the money of another section.
            self.begin(now._replace(above=(), rows=[], currency=currency))
        if self._has_header:
            # It is reported, unless it is the only one of its section.
            self.rows.append(record._replace(cells=self._header))
        self._has_header = True

    def preamble(self) -> Sequence[Record]:
        """Return the lines above the header, if they are those of no section that has rows."""
        first, *others = self._sections
        return first.above if others and not first.rows else ()

    def sections(self) -> Sequence[Section]:
        """Return the sections that have rows, and the first; different titles name accounts."""
        found = [each for each in self._sections if each.rows] or self._sections[-1:]
        named = [account_in(each.title) for each in found]
        titles = {*named} - {""}
        # Beside an account that is stated, only a number tells a single title apart.
        is_stated = any(each.account for each in found)
        is_single = len(titles) == 1 and is_stated and not any(map(has_number, titles))
        if is_single or len({*named}) == 1:
            named = [""] * len(found)
        return [
            each._replace(account=name or each.account)
            for each, name in zip(found, named, strict=True)
        ]


def _begins_row(cell: str) -> bool:
    """Say whether a cell has a figure, as no heading has, and labels nothing."""
    return _DIGIT.search(cell) is not None and not labels_section(cell.strip())


def known_headers(record: Record) -> int:
    """Count the known headers of a record; a record with a date has none."""
    return len(_headers(record))


def header_rank(record: Record) -> tuple[bool, int]:
    """Return how likely a record is the main header: one has a date and money, and knows most."""
    words = _headers(record)
    return bool(words & _DATES and words & _MONEY), len(words)


def _headers(record: Record) -> set[str]:
    cells = [cell for cell in record.cells if cell]
    if any(is_date(cell) for cell in cells[:_CELLS]):
        return set()
    return {normalize_header(cell) for cell in cells} & KNOWN


def _is_header(record: Record, names: set[str]) -> bool:
    """Say whether a record is a header; few are, so what is cheap to see comes first."""
    alike = not names.isdisjoint(record.cells) and len(names.intersection(record.cells)) > 1
    if alike and is_row(record):
        return False
    if not alike and _DIGIT.search("".join(record.cells)):
        return False
    known = 0 if alike else known_headers(record)
    values = len(record.cells) - record.cells.count("")
    return alike or known > 1 or (known > 0 and values > _LABELLED)


def _order(record: Record, header: Sequence[str]) -> Sequence[int] | None:
    """Return where the columns of the main header stand below another header, -1 for nowhere."""
    if [cell.strip() for cell in record.cells] == [cell.strip() for cell in header]:
        return None
    free = dict(enumerate(map(normalize_header, record.cells)))
    order: list[int] = []
    for name in map(normalize_header, header):
        at = next((at for at, other in free.items() if name and other == name), -1)
        free.pop(at, None)
        order.append(at)
    return order


def _rearranged(record: Record, order: Sequence[int]) -> Record:
    cells = record.cells
    return record._replace(cells=tuple(cells[at] if 0 <= at < len(cells) else "" for at in order))


def _rows_above(
    above: Sequence[Record], header: Sequence[str], sample: Sequence[Record]
) -> dict[int, Record]:
    """Return the rows above the main header, by their lines: most such lines are a preamble.

    A row has a date and an amount where the rows below the header have them.
    """
    dated = _mostly(sample, is_date)
    balances = [at for at, name in enumerate(header) if normalize_header(name) in _BALANCES]
    money = [at for at in _mostly(sample, _is_number) if at not in balances]
    found: dict[int, Record] = {}
    order: Sequence[int] | None = None
    other = False
    for record in above:
        if known_headers(record) > 1:
            order, other = _order(record, header), True
            continue
        row = record if order is None else _rearranged(record, order)
        if (other or len(row.cells) == len(header)) and _is_like(row, dated, money):
            found[record.line] = row
    return found


def _is_number(cell: str) -> bool:
    return not is_date(cell) and parse_token(cell) is not None


def _mostly(sample: Sequence[Record], form: Callable[[str], bool]) -> list[int]:
    """Return the columns of which at least half of the values have a form."""
    found = []
    for at in range(max((len(row.cells) for row in sample), default=0)):
        values = [row.cells[at].strip() for row in sample if at < len(row.cells) and row.cells[at]]
        if values and sum(map(form, values)) * 2 >= len(values):
            found.append(at)
    return found


def _is_like(record: Record, dated: Sequence[int], money: Sequence[int]) -> bool:
    cells = [cell.strip() for cell in record.cells]
    return (
        any(is_date(cells[at]) for at in dated if at < len(cells))
        and any(_is_number(cells[at]) for at in money if at < len(cells))
        and not any(map(names_balance, cells))
    )
