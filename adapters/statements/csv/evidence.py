"""What the values of columns prove about each other: which of them are filled, equal, or follow."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice, pairwise, permutations
from operator import le

from adapters.statements.amounts import DecimalMark, shown_marks
from adapters.statements.csv.amounts import parse_token, read_number
from adapters.statements.csv.dates import numeric_date
from adapters.statements.csv.records import Table
from adapters.statements.csv.words import FEES, HEADERS
from adapters.statements.dates import is_year_first, read_day
from domain.ledger.hints import CsvColumn, DateOrder

# Amounts of these headings are in the currency of the account, as the fees between them are.
_OWN = {
    *HEADERS[CsvColumn.AMOUNT],
    *HEADERS[CsvColumn.DEBIT],
    *HEADERS[CsvColumn.CREDIT],
    *HEADERS[CsvColumn.BALANCE],
    *FEES,
}
# So many rows are compared, and so many columns with each other.
_ROWS = 2_000
_COLUMNS = 6
# So many steps from one balance to the next are a proof.
_STEPS = 2
# So many different values show the form of a column.
_VALUES = 100
# A balance follows from an amount if it does in this percentage of the rows.
_MOSTLY = 90
# A column holds amounts when at least this percentage of its values are amounts.
_HALF = 50
# A date that more than this percentage of the rows lack is not the day of a booking.
_GAPS = 20


def holds_amounts(table: Table, column: int) -> bool:
    """Say whether a column has values, and at least half of them are amounts."""
    shapes = table.shapes(column)
    amounts = sum(count for shape, count in shapes.items() if parse_token(shape))
    return bool(shapes) and amounts * 100 >= _HALF * shapes.total()


def cells(table: Table, at: int) -> list[str]:
    """Return the value of each of the first rows, empty where a row lacks it."""
    rows = (record.cells for record in islice(table.rows, _ROWS))
    return [row[at].strip() if at < len(row) else "" for row in rows]


def are_equal(table: Table, columns: Sequence[int]) -> bool:
    """Say whether columns have the same values in every row."""
    first, *others = (cells(table, at) for at in columns)
    return all(other == first for other in others)


def different_dates(table: Table, columns: Sequence[int]) -> list[int]:
    """Return the first of those columns that have the same days in every row."""
    days = {at: [numeric_date(cell) for cell in cells(table, at)] for at in columns}
    return [
        at
        for number, at in enumerate(columns)
        if not any(days[other] == days[at] for other in columns[:number])
    ]


def fullest(table: Table, columns: Sequence[int], *, gaps: int = 0) -> list[int]:
    """Return the columns with a value in most rows; `gaps` is the percentage that may lack it."""
    filled = {at: table.values(at).total() for at in columns}
    most = max(filled.values(), default=0)
    return [at for at in columns if filled[at] * 100 >= most * (100 - gaps) and filled[at]]


def is_mostly(table: Table, at: int, form: Callable[[str], bool], *, percent: int = 50) -> bool:
    """Say whether a percentage of the first different values of a column has a form."""
    values = list(islice(table.values(at), _VALUES))
    return bool(values) and sum(map(form, values)) * 100 >= percent * len(values)


def is_of_others(table: Table, at: int, amount: int) -> bool:
    """Say whether a column names the currency of other amounts, which are paid in another one.

    They are those of the account in one currency alone, and differ from them in every other one.
    """
    codes = cells(table, at)
    if len(table.values(at)) < 2:
        return False
    booked = cells(table, amount)
    others = [
        each
        for each in range(table.width)
        if table.names[each] not in _OWN and holds_amounts(table, each)
    ]
    return any(_are_foreign(codes, booked, cells(table, each)) for each in others[:_COLUMNS])


def _are_foreign(codes: Sequence[str], booked: Sequence[str], others: Sequence[str]) -> bool:
    equal: dict[str, set[bool]] = {}
    for code, amount, other in zip(codes, booked, others, strict=True):
        if code and amount and other:
            equal.setdefault(code, set()).add(_figures(amount) == _figures(other))
    own = [code for code, found in equal.items() if found == {True}]
    return len(own) == 1 < len(equal) and all(
        found == {False} for code, found in equal.items() if code not in own
    )


def _figures(cell: str) -> str:
    return cell.strip("+- ")


def negative(table: Table, at: int) -> bool:
    """Say whether a column has an amount with a minus."""
    tokens = map(parse_token, table.shapes(at))
    return any(token.is_negative for token in tokens if token)


def usual_dates(table: Table, columns: Sequence[int]) -> list[int]:
    """Return those columns of dates that few rows lack."""
    return fullest(table, columns, gaps=_GAPS)


def only_sorted(table: Table, columns: Sequence[int]) -> int | None:
    """Return the only column whose dates are in order, as a bank sorts its bookings."""
    found = [at for at in columns if _is_sorted(_days(table, at))]
    return found[0] if len(found) == 1 else None


def _is_sorted(days: Sequence[date]) -> bool:
    return len(days) > 2 and (
        all(le(*pair) for pair in pairwise(days)) or all(le(*pair) for pair in pairwise(days[::-1]))
    )


def _days(table: Table, at: int) -> list[date]:
    texts = [numeric_date(cell) for cell in cells(table, at) if cell]
    read = {
        order: [
            day
            for text in texts
            if (day := read_day(text, DateOrder.YEAR_FIRST if is_year_first(text) else order))
        ]
        for order in DateOrder
    }
    return max(read.values(), key=len)


def exclude_each_other(table: Table, first: int, second: int) -> bool:
    """Say whether each row has money in exactly one of two columns, and both have some."""
    pairs = list(zip(_moved(table, first), _moved(table, second), strict=True))
    counts = [sum(1 for pair in pairs if pair[side]) for side in (0, 1)]
    both = any(all(pair) for pair in pairs)
    neither = sum(1 for pair in pairs if not any(pair))
    return all(counts) and not both and neither * 100 <= len(pairs) * _GAPS


def _moved(table: Table, at: int) -> list[bool]:
    """Return in which rows a column has an amount other than zero."""
    return [any(digit in cell for digit in "123456789") for cell in cells(table, at)]


def proven_columns(
    table: Table, candidates: Sequence[int], balances: Sequence[int] = ()
) -> dict[CsvColumn, int]:
    """Return amount and balance, or debit, credit and balance, if one choice alone adds up.

    The balance is one of `balances`, if there are any.
    """
    if not 1 < len(candidates) <= _COLUMNS:
        return {}
    values = {at: list(amounts_of(table, at, candidates)) for at in candidates}
    pairs = [
        {CsvColumn.AMOUNT: amount, CsvColumn.BALANCE: balance}
        for amount, balance in permutations(candidates, 2)
        if balance in (balances or candidates)
        and _follows(values[balance], [abs(a) if a is not None else None for a in values[amount]])
    ]
    triples = [
        {CsvColumn.DEBIT: debit, CsvColumn.CREDIT: credit, CsvColumn.BALANCE: balance}
        for debit, credit, balance in permutations(candidates, 3)
        if balance in (balances or candidates)
        and exclude_each_other(table, debit, credit)
        and _follows(values[balance], list(_net(values[debit], values[credit])), signed=True)
    ]
    found = triples or pairs
    return found[0] if len(found) == 1 else {}


def follows(table: Table, amount: int, balance: int) -> bool:
    """Say whether the balances of a column differ by the amounts of another one."""
    amounts, balances = (list(amounts_of(table, at, (amount, balance))) for at in (amount, balance))
    return _follows(balances, [abs(each) if each is not None else None for each in amounts])


def _net(debits: Sequence[Decimal | None], credits: Sequence[Decimal | None]) -> Iterator[Decimal]:
    for debit, credit in zip(debits, credits, strict=True):
        yield (credit or Decimal(0)) - abs(debit or Decimal(0))


def amounts_of(table: Table, at: int, beside: Sequence[int]) -> Iterator[Decimal | None]:
    """Yield the amounts of a column, read as those of the columns beside it are."""
    tokens = (parse_token(shape) for each in beside for shape in table.shapes(each))
    shown = shown_marks({token.digits for token in tokens if token})
    mark = shown.pop() if len(shown) == 1 else DecimalMark.POINT
    yield from (read_number(cell, mark) for cell in cells(table, at))


def _follows(
    balances: Sequence[Decimal | None], amounts: Sequence[Decimal | None], *, signed: bool = False
) -> bool:
    points = [
        (balance, amount)
        for balance, amount in zip(balances, amounts, strict=True)
        if balance is not None and amount is not None
    ]
    # Two steps may be a coincidence where a single one often is.
    if sum(1 for _, amount in points if amount) < _STEPS + 1:
        return False
    down = sum(_steps(points, signed=signed))
    up = sum(_steps(points[::-1], signed=signed))
    return max(down, up) * 100 >= (len(points) - 1) * _MOSTLY


def _steps(points: Sequence[tuple[Decimal, Decimal]], *, signed: bool) -> Iterator[bool]:
    for (above, _), (balance, amount) in pairwise(points):
        step = balance - above
        yield (step if signed else abs(step)) == amount
