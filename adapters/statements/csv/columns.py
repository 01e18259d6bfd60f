"""Which column is what: as a hint says, or by its heading."""

import re
from collections.abc import Callable, Mapping, Sequence

from adapters.statements.csv import questions
from adapters.statements.csv.accounts import holds_numbers, is_own_account
from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.candidates import (
    PAIR,
    TEXTS,
    Columns,
    FoundColumns,
    date_columns,
    is_text,
    money_columns,
)
from adapters.statements.csv.dates import is_date
from adapters.statements.csv.directions import holds_directions
from adapters.statements.csv.evidence import (
    are_equal,
    exclude_each_other,
    follows,
    fullest,
    holds_amounts,
    is_mostly,
    is_of_others,
)
from adapters.statements.csv.records import Table
from adapters.statements.csv.words import (
    FAILED,
    HEADERS,
    NO,
    OWN_BEFORE_THE_DATE,
    PENDING,
    PURCHASE_DATES,
    SYMBOLS,
    YES,
    header_currency,
    normalize,
)
from domain.ledger.hints import CsvColumn
from domain.shared.money import is_currency

# Two columns with the same header are ambiguous for these.
_DECISIVE = {CsvColumn.BOOKING_DATE, CsvColumn.AMOUNT, *PAIR}
_DATES = (CsvColumn.BOOKING_DATE, CsvColumn.VALUE_DATE)
_REPLACED_BY_PAIR = {CsvColumn.AMOUNT, CsvColumn.DIRECTION}
# Of more columns with the same heading, none is proven: which of them counts is asked.
_COMPARED = 6
# In this order, each takes the first free column that fits.
_ORDER = (
    *(CsvColumn.BOOKING_DATE, CsvColumn.VALUE_DATE, CsvColumn.DEBIT, CsvColumn.CREDIT),
    *(CsvColumn.AMOUNT, CsvColumn.DIRECTION, CsvColumn.CURRENCY, CsvColumn.BALANCE),
    *(CsvColumn.PROVIDER_ID, CsvColumn.ACCOUNT, CsvColumn.STATUS, CsvColumn.KIND),
    *TEXTS,
    *(CsvColumn.COUNTERPARTY_ACCOUNT, CsvColumn.REFERENCE, CsvColumn.CATEGORY),
    *(CsvColumn.CATEGORY_GROUP, CsvColumn.TAGS),
)
_OWN_NAMES = {"account name", "own account", "account nickname", "account label"}
_NUMBER = re.compile(r"#\s*(\d{1,3})", re.ASCII)


def is_currency_cell(value: str) -> bool:
    return is_currency(value.upper()) or value in SYMBOLS


def is_status(value: str) -> bool:
    return normalize(value) in PENDING | FAILED or "gebucht" in normalize(value)


def _is_name(value: str) -> bool:
    """Say whether a value may name a currency, if only one that is not in ISO 4217."""
    return not is_date(value) and not parse_token(value)


_AMOUNTS = {CsvColumn.AMOUNT, CsvColumn.BALANCE}
_FORMS: dict[CsvColumn, Callable[[str], bool]] = {
    CsvColumn.BOOKING_DATE: is_date,
    CsvColumn.VALUE_DATE: is_date,
    CsvColumn.CURRENCY: _is_name,
}
# These may be empty in a whole file.
_MAY_BE_EMPTY = {CsvColumn.VALUE_DATE, CsvColumn.BALANCE}


def named_columns(table: Table, wanted: Mapping[CsvColumn, str]) -> FoundColumns:
    """Return the columns that hints want, and those that have a known heading."""
    found = chosen_columns(table, wanted)
    _add_named(table, found)
    return found


# --- By a hint ------------------------------------------------------------------------------------


def chosen_columns(table: Table, wanted: Mapping[CsvColumn, str]) -> FoundColumns:
    """Return the columns that hints name, and questions about what is none."""
    found = FoundColumns()
    for role, heading in wanted.items():
        places = _places(table, heading)
        at = _of_one_name(table, role, places, found.columns) if places else None
        if not places:
            found.ask(role, questions.unknown_heading(table, role, heading))
        elif at is None:
            found.ask(role, questions.which_of_one_name(table, role, places), places)
        elif _may_hold(table, role, at):
            found.columns[role] = at
        elif options := date_columns(table, {}) if role in _DATES else money_columns(table, {}):
            found.ask(role, questions.other_values(table, role, at, options), options)
        else:
            found.unreadable = questions.unreadable(table, role, at)
    if CsvColumn.AMOUNT in found.columns and found.columns.keys() & PAIR:
        found.ask(CsvColumn.AMOUNT, questions.contradiction(table))
    found.chosen = frozenset(found.columns)
    return found


def _places(table: Table, heading: str) -> list[int]:
    """Return the columns with a heading, in other case if need be, or the one of a number."""
    wanted = heading.strip()
    names = [name.strip() for name in table.header]
    for form in (str, str.casefold):
        found = [at for at, name in enumerate(names) if form(name) == form(wanted)]
        if found:
            return found
    number = _NUMBER.fullmatch(wanted)
    at = int(number[1]) - 1 if number else -1
    return [at] if 0 <= at < table.width else []


def _may_hold(table: Table, role: CsvColumn, at: int) -> bool:
    """Say whether a value of a column can be read; the rows of the others are quarantined."""
    if role in _AMOUNTS | PAIR:
        return not table.shapes(at) or any(map(parse_token, table.shapes(at)))
    return role not in _DATES or not table.values(at) or any(map(is_date, table.values(at)))


# --- By a heading ---------------------------------------------------------------------------------


def _add_named(table: Table, found: FoundColumns) -> None:
    """Add the columns that have a known heading, and values that fit it."""
    chosen = found.columns.keys() | found.options.keys()
    skipped = chosen | (PAIR if CsvColumn.AMOUNT in chosen else set())
    skipped |= _REPLACED_BY_PAIR if chosen & PAIR else set()
    for role in _ORDER:
        if role not in skipped:
            _add_role(table, found, role)
    half = found.columns.keys() & PAIR
    if len(half) == 1:
        _complete_pair(table, found, half.pop(), is_chosen=bool(chosen & PAIR))


def _add_role(table: Table, found: FoundColumns, role: CsvColumn) -> None:
    columns = found.columns
    fitting = [at for at in _named(table, role, columns) if _fits(table, role, at, columns)]
    if not fitting:
        return
    alike = [at for at in fitting if table.names[at] == table.names[fitting[0]]]
    at: int | None = next((at for at in alike if not table.is_empty(at)), alike[0])
    if role in _DECISIVE:
        at = _of_one_name(table, role, alike, columns)
    if at is None:
        found.ask(role, questions.which_of_one_name(table, role, alike), alike)
    columns[role] = alike[0] if at is None else at


def _named(table: Table, role: CsvColumn, assigned: Columns) -> list[int]:
    """Return the free columns with a header of this role, the preferred one first."""
    free = [at for at in range(len(table.names)) if at not in assigned.values()]
    if role is CsvColumn.CURRENCY and CsvColumn.AMOUNT in assigned:
        # Where there are two, the currency of the amount follows it.
        free.sort(key=lambda at: at < assigned[CsvColumn.AMOUNT])
    named = [at for word in HEADERS[role] for at in free if table.names[at] == word]
    if role is CsvColumn.CURRENCY:
        named.sort(key=lambda at: not is_mostly(table, at, is_currency_cell))
    if role is CsvColumn.MEMO and CsvColumn.DESCRIPTION in assigned:
        # What a payment was for is often called a description, beside the name of who was paid.
        words = HEADERS[CsvColumn.DESCRIPTION]
        named += [
            at for word in words for at in free if table.names[at] == word and _varies(table, at)
        ]
    if role in TEXTS:
        named.sort(key=lambda at: not is_mostly(table, at, is_text))
    if role is CsvColumn.ACCOUNT:
        named = _numbers_first(table, named)
    return named


def _numbers_first(table: Table, named: Sequence[int]) -> list[int]:
    """Put the number of an account before the name that stands beside it."""
    found = list(named)
    for at in named[:1]:
        beside = [each for each in named if abs(each - at) == 1 and holds_numbers(table, each)]
        if beside and not holds_numbers(table, at):
            found = [*beside, *found]
    return found


def _varies(table: Table, at: int) -> bool:
    return len(table.values(at)) > 1 or len(table.rows) == 1


def _of_one_name(
    table: Table, role: CsvColumn, places: Sequence[int], assigned: Columns
) -> int | None:
    """Return which of several columns counts, if their values leave no doubt."""
    filled = fullest(table, places) if role in _DECISIVE - PAIR else list(places)
    filled = [at for at in filled if not table.is_empty(at)] or list(places[:1])
    if len(filled) == 1 or are_equal(table, filled):
        return filled[0]
    balance = assigned.get(CsvColumn.BALANCE)
    if role is CsvColumn.AMOUNT and len(filled) <= _COMPARED:
        balances = [balance] if balance is not None else _balances(table)[:_COMPARED]
        proven = [at for at in filled if any(follows(table, at, each) for each in balances)]
        return proven[0] if len(proven) == 1 else None
    return None


def _balances(table: Table) -> list[int]:
    """Return the columns that are called a balance: amounts are looked for before them."""
    words = {*HEADERS[CsvColumn.BALANCE]}
    return [at for at, name in enumerate(table.names) if name in words and holds_amounts(table, at)]


def _fits(table: Table, role: CsvColumn, at: int, assigned: Columns) -> bool:
    if role in _REPLACED_BY_PAIR and assigned.keys() >= PAIR:
        return False
    if not table.rows or (table.is_empty(at) and role in _MAY_BE_EMPTY):
        return True
    if role in _AMOUNTS:
        return holds_amounts(table, at)
    if role is CsvColumn.DIRECTION:
        return holds_directions(table, at, assigned.get(CsvColumn.AMOUNT))
    return _fits_header(table, role, at, assigned)


def _fits_header(table: Table, role: CsvColumn, at: int, assigned: Columns) -> bool:
    """Say whether an ambiguous header means this role in this file."""
    form, word = _FORMS.get(role), table.names[at]
    if role is CsvColumn.BOOKING_DATE and word in PURCHASE_DATES:
        # It is the day of the booking only if no other column is.
        return False
    if role is CsvColumn.ACCOUNT and word in OWN_BEFORE_THE_DATE and not _is_named(table, at):
        dated = [assigned[role] for role in _DATES if role in assigned]
        return bool(dated) and (at < min(dated) or is_own_account(table, at, assigned))
    if role is CsvColumn.STATUS and word == "info":
        return table.holds(at, is_status)
    if role is CsvColumn.STATUS and word in PENDING:
        return all(is_status(value) or normalize(value) in YES | NO for value in table.values(at))
    if role is CsvColumn.CURRENCY and not _agrees(table, at, assigned):
        return False
    return form is None or table.holds(at, form)


def _is_named(table: Table, at: int) -> bool:
    """Say whether a number stands beside the name of the own account."""
    names = [table.names[each] for each in (at - 1, at + 1) if 0 <= each < len(table.names)]
    return holds_numbers(table, at) and not _OWN_NAMES.isdisjoint(names)


def _agrees(table: Table, at: int, assigned: Columns) -> bool:
    """Say whether a column names no other currency than the heading of the amounts does.

    Beside “Amount (EUR)” there may be the currency in which something was paid.
    """
    amount = assigned.get(CsvColumn.AMOUNT, -1)
    named = header_currency(table.header[amount]) if 0 <= amount < len(table.header) else ""
    if not named and amount >= 0 and is_of_others(table, at, amount):
        return False
    codes = {value.upper() for value in table.values(at)} if named else set()
    return all(code == named for code in codes if is_currency(code))


def _complete_pair(table: Table, found: FoundColumns, half: CsvColumn, *, is_chosen: bool) -> None:
    """Find the credits beside debits, or the reverse; a column without the other is an amount."""
    at = found.columns[half]
    (other,) = PAIR - {half}
    if CsvColumn.AMOUNT in found.columns and not is_chosen:
        del found.columns[half]
        return
    free = money_columns(table, found.columns)
    exclusive = [each for each in free if exclude_each_other(table, at, each)]
    if len(exclusive) == 1:
        found.columns[other] = exclusive[0]
    elif is_chosen:
        options = exclusive or free
        found.ask(other, questions.which(table, other, options), options)
        if options:
            found.columns[other] = options[0]
    else:
        del found.columns[half]
        if holds_amounts(table, at):
            _add_lone(table, found, [at, *free])


def _add_lone(table: Table, found: FoundColumns, options: Sequence[int]) -> None:
    """Add an amount that is called a debit or a credit, unless another column may be meant."""
    if len(options) > 1:
        question = questions.which(table, CsvColumn.AMOUNT, options)
        found.ask(CsvColumn.AMOUNT, question, options)
    found.columns[CsvColumn.AMOUNT] = options[0]
