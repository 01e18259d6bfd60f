"""Amounts: how they are written, which decimal mark they use, and which sign they have."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from adapters.statements.amounts import (
    DecimalMark,
    is_ambiguous,
    parse_amount,
    shown_marks,
    usual_amount,
)
from adapters.statements.csv.dates import parse_date
from adapters.statements.csv.records import Record, Table
from adapters.statements.csv.words import CREDITS, DEBITS, PURCHASES, SYMBOLS, TYPES, normalize
from adapters.statements.limits import MAX_AMOUNT
from domain.ledger.errors import HintNeeded
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder, ReadingHints
from domain.shared.result import Failure, Result, Success

Columns = Mapping[CsvColumn, int]
#: The signs of amounts, by the lines of their rows.
Signs = Mapping[int, int]

_CURRENCY = r"[A-Z]{3}|(?:US|CA|AU|NZ|HK|R|A|C|S)?\$|[€£¥₹₽₩₺₴₪฿₫₱₦]|kr\.?|zł|Kč|Fr\.?|Rs\.?"
_AMOUNT = re.compile(
    rf"(?P<open>\()?(?P<before>[+-])?(?P<left>{_CURRENCY})?(?P<inner>[+-])?"
    rf"(?P<digits>[.,]*+\d[\d.,]*+)(?P<near>[+-])?(?P<right>{_CURRENCY})?(?P<after>[+-])?"
    r"(?P<side>CR|DR)?(?P<close>\))?",
    re.ASCII,
)
_BARE = re.compile(r"-?\d[\d.,]{0,40}", re.ASCII)
_BLANKS = {ord(mark): "" for mark in " \t\n\u00a0\u202f\u2009'’"}
_MINUSES = {ord(mark): "-" for mark in "−–‒"}
_AMOUNT_COLUMNS = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT, CsvColumn.BALANCE)
_POINT_COLUMNS = (CsvColumn.BOOKING_DATE, CsvColumn.AMOUNT, CsvColumn.BALANCE)
# A balance runs through the rows that share these.
_GROUP_COLUMNS = (CsvColumn.ACCOUNT, CsvColumn.CURRENCY)
# A column holds amounts when at least this percentage of its values are amounts.
_MOSTLY = 50
# So many steps in one direction tell the direction of a row that has no balance before it.
_ENOUGH_STEPS = 3
_AMBIGUOUS_MARK = "The amounts of the file can be read in two ways: say what begins their decimals."


# --- One cell -------------------------------------------------------------------------------------


class AmountToken(NamedTuple):
    """An amount as it is written: its digits with a minus, and the currency beside them.

    It is signed where a plus, a minus, parentheses, CR or DR stands beside the digits.
    """

    digits: str
    currency: str = ""
    signed: bool = False

    @property
    def is_negative(self) -> bool:
        return self.digits.startswith("-")


class SignedAmount(NamedTuple):
    """An amount with its sign, and the currency written beside it."""

    amount: Decimal
    currency: str = ""


def parse_token(cell: str) -> AmountToken | None:
    """Split the cell of an amount into its parts, or return nothing when it is not an amount."""
    if _BARE.fullmatch(cell):
        return AmountToken(cell, signed=cell.startswith("-"))
    if len(cell) > MAX_AMOUNT:
        return None
    match = _AMOUNT.fullmatch(cell.translate(_MINUSES).translate(_BLANKS))
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    signs = [match[name] for name in ("before", "inner", "near", "after") if match[name]]
    signs += {"CR": ["+"], "DR": ["-"]}.get(match["side"], []) + ["-"] * bool(match["open"])
    if len(signs) > 1 or (match["left"] and match["right"]):
        return None
    sign = "-" if signs == ["-"] else ""
    symbol = match["left"] or match["right"] or ""
    code = symbol if symbol.isalpha() and symbol.isupper() and len(symbol) == 3 else ""
    return AmountToken(sign + match["digits"], code or SYMBOLS.get(symbol, ""), bool(signs))


def read_amount(cell: str, mark: DecimalMark) -> SignedAmount | str:
    """Return the amount in a cell, or the reason why it cannot be read."""
    usual = usual_amount(cell, mark)
    if usual is not None:
        return SignedAmount(usual)
    token = parse_token(cell)
    if token is None:
        return "the amount is not a number"
    amount = parse_amount(token.digits, mark)
    return amount if isinstance(amount, str) else SignedAmount(amount, token.currency)


# --- A column -------------------------------------------------------------------------------------


def holds_amounts(table: Table, column: int) -> bool:
    """Say whether a column has values, and at least half of them are amounts."""
    shapes = table.shapes(column)
    amounts = sum(count for shape, count in shapes.items() if parse_token(shape))
    return bool(shapes) and amounts * 100 >= _MOSTLY * shapes.total()


def is_direction(value: str) -> bool:
    return value in "+-" or normalize(value) in DEBITS | CREDITS


def holds_directions(table: Table, column: int, amount: int | None) -> bool:
    """Say whether a column holds “debit” and “credit”: it may not when the amounts have signs."""
    if table.names[column] not in TYPES or all(map(is_direction, table.values(column))):
        return True
    signed = amount is not None and any(map(_is_negative, table.shapes(amount)))
    return not signed and table.holds(column, is_direction)


def decimal_mark(table: Table, columns: Columns, hints: ReadingHints) -> Result[str, HintNeeded]:
    """Return the decimal mark that the amounts show.

    Without an amount that shows it, or with amounts that contradict each other, ask for a hint
    only if an amount can be read in two ways.
    """
    values = chain.from_iterable(
        table.shapes(columns[role]) for role in _AMOUNT_COLUMNS if role in columns
    )
    digits = {token.digits for value in values if (token := parse_token(value))}
    shown = shown_marks(digits)
    if len(shown) == 1:
        return Success(shown.pop().value)
    if hints.decimal_mark in (".", ","):
        return Success(hints.decimal_mark)
    return Failure(HintNeeded(_AMBIGUOUS_MARK)) if any(map(is_ambiguous, digits)) else Success(".")


def lacks_signs(table: Table, columns: Columns) -> bool:
    """Say whether amounts have neither a sign nor a column that gives their direction."""
    if CsvColumn.AMOUNT not in columns or CsvColumn.DIRECTION in columns:
        return False
    shapes = table.shapes(columns[CsvColumn.AMOUNT])
    tokens = [(shape, token) for shape in shapes if (token := parse_token(shape))]
    # A shape without a 1 is an amount of zero, which needs no sign.
    return any("1" in shape for shape, _ in tokens) and not any(token.signed for _, token in tokens)


def lists_purchases(table: Table) -> bool:
    """Say whether the file lists purchases: its balance may be what is owed."""
    return bool(set(" ".join(table.names).split()) & PURCHASES)


def _is_negative(shape: str) -> bool:
    token = parse_token(shape)
    return token is not None and token.is_negative


# --- Signs from a running balance -----------------------------------------------------------------


class BalancePoint(NamedTuple):
    """A row that states a balance; its amount may be missing."""

    line: int
    dated: str
    amount: Decimal | None
    balance: Decimal


def signs_from_balances(table: Table, columns: Columns, mark: str, order: DateOrder) -> Signs:
    """Return the sign of every row whose balance differs from the previous one by its amount."""
    if CsvColumn.BALANCE not in columns or not lacks_signs(table, columns):
        return {}
    runs: dict[tuple[str, ...], list[BalancePoint]] = {}
    group_by = [columns[role] for role in _GROUP_COLUMNS if role in columns]
    places = [columns[role] for role in _POINT_COLUMNS]
    for record in table.rows:
        point = _point(record, places, DecimalMark(mark))
        if point:
            group = tuple(_cell(record, at) for at in group_by)
            runs.setdefault(group, []).append(point)
    signs = {line: sign for run in runs.values() for line, sign in _signs(run, order).items()}
    return {} if lists_purchases(table) and 1 in signs.values() else signs


def settle_all_signs(signs: Signs, table: Table, columns: Columns) -> bool:
    """Say whether the signs found decide every amount, including those without a balance."""
    shapes = table.shapes(columns[CsvColumn.AMOUNT]).items()
    moved = sum(count for shape, count in shapes if "1" in shape and parse_token(shape))
    return len(signs) >= min(_ENOUGH_STEPS, moved) or len(set(signs.values())) > 1


def with_signs(profile: CsvProfile, signs: Signs, table: Table) -> CsvProfile:
    """Return the profile, with its rule for signs replaced by what the balances prove, if they do.

    Balances that move both ways decide each row; balances that move one way decide them all.
    """
    ways = set(signs.values())
    if len(ways) > 1:
        return replace(profile, balance_signs=True, charges_positive=False)
    undecided = not ways or not settle_all_signs(signs, table, profile.columns)
    if undecided or profile.balance_signs:
        return profile
    return replace(profile, charges_positive=-1 in ways)


def _point(record: Record, places: Sequence[int], mark: DecimalMark) -> BalancePoint | None:
    dated, amount_cell, balance_cell = (_cell(record, at) for at in places)
    balance = read_amount(balance_cell, mark)
    if isinstance(balance, str):
        return None
    amount = read_amount(amount_cell, mark)
    moved = None if isinstance(amount, str) else amount.amount
    return BalancePoint(record.line, dated, moved, balance.amount)


def _cell(record: Record, at: int) -> str:
    return record.cells[at].strip() if at < len(record.cells) else ""


def _signs(run: Sequence[BalancePoint], order: DateOrder) -> Signs:
    """Read the run downwards or upwards, whichever lets more balances follow from each other."""
    down, up = _followed(run), _followed(run[::-1])
    if len(down) == len(up) and down != up:
        first, last = (parse_date(run[end].dated, order) for end in (0, -1))
        if first is None or last is None or first == last:
            return {}
        best = down if first < last else up
    else:
        best = max(down, up, key=len)
    enough = len(best) * 2 > len(run) - 1
    return {line: sign for line, sign in best.items() if sign} if enough else {}


def _followed(run: Sequence[BalancePoint]) -> dict[int, int]:
    """Return the sign of each row whose amount leads from the previous balance to its own."""
    found: dict[int, int] = {}
    for number, point in enumerate(run[1:]):
        step = point.balance - run[number].balance
        if point.amount is not None and abs(step) == abs(point.amount):
            found[point.line] = (step > 0) - (step < 0)
    return found


# --- A row ----------------------------------------------------------------------------------------


class AmountReader:
    """Reads the amounts of one file, by what the file as a whole shows about signs.

    The last cell of a row must be empty: it stands for the columns that the file does not have.
    """

    def __init__(self, table: Table, profile: CsvProfile, signs: Signs) -> None:
        places = {role: profile.columns.get(role, -1) for role in CsvColumn}
        self._amount, self._direction = places[CsvColumn.AMOUNT], places[CsvColumn.DIRECTION]
        self._debit, self._credit = places[CsvColumn.DEBIT], places[CsvColumn.CREDIT]
        self._mark = DecimalMark(profile.decimal_mark)
        self._charges_positive = profile.charges_positive
        self._signs = signs
        self._needs_signs = profile.balance_signs and lacks_signs(table, profile.columns)
        self._signed = any(map(_is_negative, _shapes(table, self._amount)))
        debits = [shape for shape in _shapes(table, self._debit) if "1" in shape]
        self._negative_debits = bool(debits) and all(map(_is_negative, debits))

    def read(self, line: int, cells: Sequence[str]) -> SignedAmount | str:
        """Return the amount of a row, or the reason why it cannot be decided."""
        if self._amount < 0:
            return self._debit_or_credit(cells[self._debit], cells[self._credit])
        found = self._cell(cells[self._amount])
        if isinstance(found, str):
            return found
        if self._direction >= 0:
            return self._directed(found, cells[self._direction])
        if line in self._signs:
            return SignedAmount(found.amount * self._signs[line], found.currency)
        if self._needs_signs and found.amount:
            return "neither a sign nor a balance before it tells which way the amount goes"
        return SignedAmount(-found.amount, found.currency) if self._charges_positive else found

    def _cell(self, cell: str) -> SignedAmount | str:
        return read_amount(cell, self._mark) if cell else "no amount"

    def _directed(self, found: SignedAmount, cell: str) -> SignedAmount | str:
        """Give an amount the sign of its direction, which must not contradict its own sign."""
        word = cell if cell in ("+", "-") else normalize(cell)
        if word not in DEBITS and word not in CREDITS:
            return "the direction is neither debit nor credit"
        directed = -abs(found.amount) if word in DEBITS else abs(found.amount)
        if self._signed and directed != found.amount:
            return "the amount's sign contradicts its direction"
        return SignedAmount(directed, found.currency)

    def _debit_or_credit(self, debit_cell: str, credit_cell: str) -> SignedAmount | str:
        """Return the debit or the credit, whichever is present and not zero."""
        debit = self._cell(debit_cell) if debit_cell else None
        credit = self._cell(credit_cell) if credit_cell or not debit_cell else None
        if isinstance(debit, SignedAmount):
            debit = self._debited(debit)
        for each in (debit, credit):
            if isinstance(each, str):
                return each
        amounts = [each for each in (debit, credit) if isinstance(each, SignedAmount)]
        moved = [each for each in amounts if each.amount]
        return "the row has both a debit and a credit" if len(moved) > 1 else (moved or amounts)[0]

    def _debited(self, found: SignedAmount) -> SignedAmount | str:
        """Make a debit negative, unless the file writes all of its debits with a minus."""
        if self._negative_debits:
            return found
        if found.amount < 0:
            return "the debit is negative, and others are not"
        return SignedAmount(-found.amount, found.currency)


def _shapes(table: Table, column: int) -> Iterable[str]:
    return table.shapes(column) if column >= 0 else ()
