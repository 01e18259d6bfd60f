"""Which way amounts go that have no sign: a running balance may tell."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from adapters.statements.amounts import DecimalMark
from adapters.statements.csv.cells import amount_of, written
from adapters.statements.csv.days import day_of
from adapters.statements.csv.records import Record
from adapters.statements.csv.table import Table
from adapters.statements.csv.words import PURCHASES
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder

Columns = Mapping[CsvColumn, int]
#: Signs of rows by their lines.
Signs = Mapping[int, int]

# So many steps in one direction tell the direction of a row that has no balance before it.
_ENOUGH = 3
_POINT = (CsvColumn.BOOKING_DATE, CsvColumn.AMOUNT, CsvColumn.BALANCE)
# Rows of one of these have a balance of their own.
_APART = (CsvColumn.ACCOUNT, CsvColumn.CURRENCY)


class Point(NamedTuple):
    """A row that states a balance; its amount may be missing."""

    line: int
    dated: str
    amount: Decimal | None
    balance: Decimal


def lacks_signs(table: Table, columns: Columns) -> bool:
    """Tell whether amounts go one way or the other, and nothing in or beside them says which."""
    if CsvColumn.AMOUNT not in columns or CsvColumn.DIRECTION in columns:
        return False
    shapes = table.shapes(columns[CsvColumn.AMOUNT])
    found = [(shape, each) for shape in shapes if (each := written(shape))]
    # Of a shape, only a 1 stands for more than nothing.
    return any("1" in shape for shape, _ in found) and not any(each.signed for _, each in found)


def is_of_purchases(table: Table) -> bool:
    """Tell whether this lists what was bought: its balance may be what is owed."""
    return bool(set(" ".join(table.names).split()) & PURCHASES)


def signs_of(table: Table, columns: Columns, mark: str, order: DateOrder) -> Signs:
    """Return the sign of every row whose balance differs by its amount from the one before."""
    if CsvColumn.BALANCE not in columns or not lacks_signs(table, columns):
        return {}
    runs: dict[tuple[str, ...], list[Point]] = {}
    apart = [columns[role] for role in _APART if role in columns]
    places = [columns[role] for role in _POINT]
    for record in table.rows:
        point = _point(record, places, DecimalMark(mark))
        if point:
            whose = tuple(_cell(record, at) for at in apart)
            runs.setdefault(whose, []).append(point)
    signs = {line: sign for run in runs.values() for line, sign in _signs(run, order).items()}
    return {} if is_of_purchases(table) and 1 in signs.values() else signs


def tell_all(signs: Signs, table: Table, columns: Columns) -> bool:
    """Tell whether it is known what becomes of every amount, also of those without a balance."""
    shapes = table.shapes(columns[CsvColumn.AMOUNT]).items()
    moved = sum(count for shape, count in shapes if "1" in shape and written(shape))
    return len(signs) >= min(_ENOUGH, moved) or len(set(signs.values())) > 1


def by_signs(profile: CsvProfile, signs: Signs, table: Table) -> CsvProfile:
    """Return a profile as the balances of one file show it; they may show nothing."""
    ways = set(signs.values())
    if len(ways) > 1:
        return replace(profile, balance_signs=True, charges_positive=False)
    if not ways or profile.balance_signs or not tell_all(signs, table, profile.columns):
        return profile
    return replace(profile, charges_positive=-1 in ways)


def _point(record: Record, places: Sequence[int], mark: DecimalMark) -> Point | None:
    dated, written_amount, written_balance = (_cell(record, at) for at in places)
    balance = amount_of(written_balance, mark)
    if isinstance(balance, str):
        return None
    amount = amount_of(written_amount, mark)
    return Point(record.line, dated, None if isinstance(amount, str) else amount[0], balance[0])


def _cell(record: Record, at: int) -> str:
    return record.cells[at].strip() if at < len(record.cells) else ""


def _signs(run: Sequence[Point], order: DateOrder) -> Signs:
    """Return the signs in the one order in which most balances follow from each other."""
    down, up = _followed(run), _followed(run[::-1])
    if len(down) == len(up) and down != up:
        first, last = (day_of(run[end].dated, order) for end in (0, -1))
        if first is None or last is None or first == last:
            return {}
        best = down if first < last else up
    else:
        best = max(down, up, key=len)
    enough = len(best) * 2 > len(run) - 1
    return {line: sign for line, sign in best.items() if sign} if enough else {}


def _followed(run: Sequence[Point]) -> dict[int, int]:
    """Return the sign of each row that leads from the balance before it to its own."""
    found: dict[int, int] = {}
    for number, point in enumerate(run[1:]):
        step = point.balance - run[number].balance
        if point.amount is not None and abs(step) == abs(point.amount):
            found[point.line] = (step > 0) - (step < 0)
    return found
