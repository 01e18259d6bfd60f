"""Which column is what, by its values, where no heading says it."""

import re
from collections.abc import Sequence
from itertools import combinations, islice

from adapters.statements.csv import questions
from adapters.statements.csv.amount_columns import BalancePoint
from adapters.statements.csv.amounts import is_direction
from adapters.statements.csv.before import are_before
from adapters.statements.csv.candidates import (
    PAIR,
    TEXTS,
    Columns,
    FoundColumns,
    date_columns,
    free_columns,
    is_code,
    is_iban,
    is_text,
    money_columns,
)
from adapters.statements.csv.dates import is_serial, parse_date
from adapters.statements.csv.directions import tells_directions
from adapters.statements.csv.evidence import (
    amounts_of,
    cells,
    different_dates,
    exclude_each_other,
    follows,
    fullest,
    is_mostly,
    negative,
    only_sorted,
    proven_columns,
    usual_dates,
)
from adapters.statements.csv.records import Table
from adapters.statements.csv.words import HEADERS, KNOWN, PURCHASE_DATES, header_currency
from domain.ledger.hints import CsvColumn, DateOrder

_DECIMALS = re.compile(r"[.,]\d{1,3}\D*$", re.ASCII)
# Digits of an account in a country without an IBAN, or without its first characters.
_NUMBER = re.compile(r"[\d -]{10,34}", re.ASCII)
# So many columns are compared with each other.
_COMPARED = 6


def add_columns(table: Table, found: FoundColumns) -> None:
    """Add the columns that values show, and ask for those that they must have and do not show."""
    _add_date(table, found)
    _add_amounts(table, found)
    _add_balance(table, found)
    _add_currency(table, found)
    _add_texts(table, found)


# --- Dates ----------------------------------------------------------------------------------------


def _add_date(table: Table, found: FoundColumns) -> None:
    """Add the booking date: the value date is it only if no other column has dates."""
    if not found.is_open(CsvColumn.BOOKING_DATE):
        return
    value = found.columns.pop(CsvColumn.VALUE_DATE, None)
    own = [at for at in date_columns(table, found.columns) if at != value]
    bought = [at for at in own if table.names[at] in PURCHASE_DATES]
    dates = usual_dates(table, [at for at in own if at not in bought])
    options = dates if value is None else [*dates, value]
    options = different_dates(table, options or usual_dates(table, bought))
    if not options:
        question = questions.which(table, CsvColumn.BOOKING_DATE, ())
        found.ask(CsvColumn.BOOKING_DATE, question)
        return
    first = options[0]
    if len(options) > 1:
        ordered = only_sorted(table, options) if value is None else None
        likeliest = first if ordered is None else ordered
        question = questions.which(table, CsvColumn.BOOKING_DATE, options, likeliest)
        found.ask(CsvColumn.BOOKING_DATE, question, options)
        first = likeliest
    found.columns[CsvColumn.BOOKING_DATE] = first
    if value not in (None, first):
        found.columns[CsvColumn.VALUE_DATE] = value


# --- Money ----------------------------------------------------------------------------------------


def _add_amounts(table: Table, found: FoundColumns) -> None:
    """Add the amount, or debits and credits, if only one choice is possible or adds up."""
    if not found.is_open(*PAIR) or CsvColumn.AMOUNT in found.options:
        return
    free = money_columns(table, found.columns)
    pair = _exclusive(table, found, free)
    if pair:
        found.columns.pop(CsvColumn.AMOUNT, None)
        _add_pair(table, found, pair)
    elif found.is_open(CsvColumn.AMOUNT):
        _add_amount(table, found, free)


def _exclusive(table: Table, found: FoundColumns, free: Sequence[int]) -> Sequence[int]:
    """Return two columns that have money in turns: debits and credits have no common column."""
    amount = found.columns.get(CsvColumn.AMOUNT)
    pairs = [tuple(sorted((amount, at))) for at in free] if amount is not None else []
    if amount is None:
        pairs = list(combinations(free[:_COMPARED], 2))
    elif CsvColumn.AMOUNT in found.chosen or CsvColumn.DIRECTION in found.columns:
        return ()
    return next((pair for pair in pairs if exclude_each_other(table, *pair)), ())


def _add_amount(table: Table, found: FoundColumns, free: Sequence[int]) -> None:
    """Add the only column that may be the amount, or ask which one is."""
    proven = _proven(table, found, free)
    if proven:
        found.columns |= proven
        return
    exact = [at for at in free if any(map(_DECIMALS.search, table.values(at)))]
    likely = fullest(table, exact or free)
    if len(likely) != 1:
        found.ask(CsvColumn.AMOUNT, questions.which(table, CsvColumn.AMOUNT, likely), likely)
    if likely:
        found.columns[CsvColumn.AMOUNT] = likely[0]


def _proven(table: Table, found: FoundColumns, free: Sequence[int]) -> Columns:
    """Return the columns of money that add up with a balance, in one way alone."""
    balances = [at for role, at in found.columns.items() if role is CsvColumn.BALANCE]
    proven = proven_columns(table, [*free, *balances], balances)
    amount, balance = (proven.get(role, -1) for role in (CsvColumn.AMOUNT, CsvColumn.BALANCE))
    if amount >= 0 and _is_before(table, found, amount, balance):
        return {CsvColumn.AMOUNT: amount}
    return proven


def _add_pair(table: Table, found: FoundColumns, pair: Sequence[int]) -> None:
    """Add columns that exclude each other: signs or balances say which of them has the debits."""
    proven = _proven(table, found, [*pair, *_others(table, found, pair)])
    signs = [negative(table, at) for at in pair]
    if proven.keys() >= PAIR:
        found.columns |= proven
    elif signs[0] != signs[1]:
        debit, credit = pair if signs[0] else reversed(pair)
        found.columns |= {CsvColumn.DEBIT: debit, CsvColumn.CREDIT: credit}
    else:
        for role, at in zip((CsvColumn.DEBIT, CsvColumn.CREDIT), pair, strict=True):
            found.ask(role, questions.which(table, role, pair), pair)
            found.columns[role] = at


def _others(table: Table, found: FoundColumns, pair: Sequence[int]) -> list[int]:
    return [at for at in money_columns(table, found.columns) if at not in pair]


def _add_balance(table: Table, found: FoundColumns) -> None:
    """Add the balance, if only one column follows from the amounts."""
    amount = found.columns.get(CsvColumn.AMOUNT)
    if amount is None or not found.is_open(CsvColumn.BALANCE) or CsvColumn.AMOUNT in found.options:
        return
    free = money_columns(table, found.columns)
    following = [at for at in free if follows(table, amount, at)]
    following = [at for at in following if not _is_before(table, found, amount, at)]
    if len(following) == 1:
        found.columns[CsvColumn.BALANCE] = following[0]


def _is_before(table: Table, found: FoundColumns, amount: int, balance: int) -> bool:
    """Say whether balances are those before their rows, in every order that the dates may have.

    Amounts without signs need them all the same.
    """
    booked = found.columns.get(CsvColumn.BOOKING_DATE, -1)
    if booked < 0 or not negative(table, amount):
        return False
    dated = cells(table, booked)
    points = [
        BalancePoint(line, day, size, stated)
        for line, (day, size, stated) in enumerate(
            zip(
                dated,
                *(amounts_of(table, at, (amount, balance)) for at in (amount, balance)),
                strict=True,
            )
        )
        if stated is not None
    ]
    orders = [order for order in DateOrder if all(parse_date(day, order) for day in dated if day)]
    return bool(orders) and all(are_before([points], order) for order in orders)


def _add_currency(table: Table, found: FoundColumns) -> None:
    """Add a column of codes beside the amounts, unless their heading names the currency."""
    if not found.is_open(CsvColumn.CURRENCY):
        return
    money = [found.columns[role] for role in (CsvColumn.AMOUNT, *PAIR) if role in found.columns]
    if any(header_currency(table.header[at]) for at in money if at < len(table.header)):
        return
    for at in free_columns(table, found.columns, is_code):
        beside = not table.header or {at - 1, at + 1} & {*money}
        if beside and is_mostly(table, at, is_code, percent=100) and _is_beside(table, at, money):
            found.columns[CsvColumn.CURRENCY] = at
            return


def _is_beside(table: Table, at: int, money: Sequence[int]) -> bool:
    """Say whether every amount has a currency: one that is paid in another is in some rows only."""
    amounts = [cells(table, each) for each in money]
    rows = enumerate(cells(table, at))
    return all(code or not any(each[row] for each in amounts) for row, code in rows)


# --- Texts ----------------------------------------------------------------------------------------


def _add_texts(table: Table, found: FoundColumns) -> None:
    """Add the texts that no heading names; without a header, the account and the direction too."""
    columns = found.columns
    if not table.header:
        _add_account(table, found)
    if not table.header and found.is_open(CsvColumn.DIRECTION) and CsvColumn.AMOUNT in columns:
        directions = free_columns(table, columns, is_direction)
        every = (at for at in directions if tells_directions(table, at, columns[CsvColumn.AMOUNT]))
        for at in islice(every, 1):
            columns[CsvColumn.DIRECTION] = at
    if any(is_mostly(table, columns[role], is_text) for role in TEXTS if role in columns):
        return
    texts = [at for at in range(table.width) if _may_be_text(table, at, columns)]
    columns |= dict(zip(TEXTS, texts, strict=False))


def _add_account(table: Table, found: FoundColumns) -> None:
    """Add the account: its number is repeated before the date."""
    before = range(found.columns.get(CsvColumn.BOOKING_DATE, 0))
    for at in before if found.is_open(CsvColumn.ACCOUNT) else ():
        few = len(table.values(at)) < max(len(table.rows), 2)
        if at in found.columns.values() or not few:
            continue
        is_number = len(table.values(at)) == 1 and all(map(_NUMBER.fullmatch, table.values(at)))
        if is_number or is_mostly(table, at, is_iban, percent=100):
            found.columns[CsvColumn.ACCOUNT] = at
            return


def _may_be_text(table: Table, at: int, columns: Columns) -> bool:
    named = at in columns.values() or table.names[at] in KNOWN
    is_words = not named and is_mostly(table, at, is_text)
    return is_words and not is_mostly(table, at, is_code)


def serial_days(table: Table) -> str:
    """Return why days cannot be read that a spreadsheet wrote as numbers, or nothing."""
    for at, name in enumerate(table.names):
        if name in HEADERS[CsvColumn.BOOKING_DATE] and table.holds(at, is_serial):
            return (
                f"The dates below “{table.header[at].strip()[:40]}” are numbers of a spreadsheet,"
                f" such as “{next(iter(table.values(at)))[:20]}”: save the file again with dates"
                " that are shown as dates, such as 2026-03-13."
            )
    return ""
