"""The lines above rows that say of which account, currency and state the rows are."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from adapters.statements.csv.amounts import parse_token
from adapters.statements.csv.dates import is_date
from adapters.statements.csv.records import Record, labelled
from adapters.statements.csv.words import (
    ACCOUNT_LABELS,
    BOOKED_STEMS,
    CURRENCY_LABELS,
    NEGATIONS,
    PENDING,
    PENDING_STEMS,
    compact_number,
    header_currency,
    names_balance,
    normalize,
)
from adapters.statements.csv.words.comparing import MAX_HEADER
from adapters.statements.limits import MAX_ID
from domain.ledger.ibans import Iban
from domain.shared.money import is_listed

# A line that labels a value has no more than these.
_LABELLED = 2
# A label, a number and a currency.
_VALUES = 3
_CACHED = 4096
# Shorter words for what is pending mean something else in a title; a longer title is a sentence.
_SHORT, _TITLE_WORDS = 5, 7
_NUMBERS = re.compile(r"\d{4,}", re.ASCII)
# An account and its currency, as in “0123456789 - EUR - Current” or “0123456789 (INR) - Ada”.
_WITH_CURRENCY = re.compile(r"(\d[\d .-]{4,40}?)\s*[-–(]\s*([A-Z]{3})\b(?:\W.*)?", re.ASCII)
# In groups of four, or without blanks.
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?|[A-Z0-9]{11,30})\b")
_LONG = re.compile(r"[A-Z]{0,4}\d[\d -]{3,40}\d", re.ASCII)
# These words are of what ends a page.
_PAGES = frozenset("page seite pagina strona strana sida side sivu oldal total summe end".split())
_ACCOUNT_WORDS = (
    *("account", "konto", "compte", "cuenta", "conto", "conta", "rekening", "tili", "savings"),
    *("checking", "card", "karte", "carte", "tarjeta", "carta", "tagesgeld", "livret", "wallet"),
)


def is_row(record: Record, start: int = 0) -> bool:
    """Say whether a record has a date and an amount, from one of its cells on."""
    cells = record.cells[start:]
    return any(map(is_date, cells)) and any(map(parse_token, cells))


def labels_section(cell: str) -> bool:
    """Say whether a cell may label an account or a currency."""
    return _is_label(cell[:MAX_HEADER].split(":", 1)[0])


@lru_cache(_CACHED)
def _is_label(text: str) -> bool:
    label = normalize(text)
    return label in ACCOUNT_LABELS or label in CURRENCY_LABELS or _is_account_word(label)


def _is_account_word(words: str) -> bool:
    return any(word.endswith(_ACCOUNT_WORDS) for word in words.split())


def says_value(cells: Sequence[str]) -> bool:
    """Say whether a line has a currency beside its label: headers have none but as amounts."""
    return len(cells) <= _VALUES and is_listed(cells[-1].upper())


class AccountLine(NamedTuple):
    """A line that is labelled as an account: its number or name, and its currency."""

    account: str
    currency: str

    @property
    def is_number(self) -> bool:
        return any(map(str.isdigit, self.account))

    @classmethod
    def of(cls, record: Record) -> "AccountLine | None":
        cells = [cell.strip() for cell in record.cells if cell.strip()]
        label, *values = cells or [""]
        if ":" in label:
            label, value = label.split(":", 1)
            values = [value.strip(), *values] if value.strip() else values
        words = normalize(label)
        is_label = words in ACCOUNT_LABELS
        amounts = any(map(parse_token, values[1:]))
        if not is_label and (
            amounts or not (values and _is_account_word(words) and _LONG.fullmatch(values[0]))
        ):
            return None
        # A number of eight digits may be a date as well.
        dated = bool(values) and is_date(values[0])
        if (dated and (amounts or not values[0].isdigit())) or is_row(record, 2):
            return None
        currency = next((value.upper() for value in values if is_listed(value.upper())), "")
        others = [value for value in values if value.upper() != currency]
        numbers = [value for value in others if any(map(str.isdigit, value))]
        account = next(iter([*numbers, *others]), "")
        return cls(compact_number(account)[:MAX_ID], currency)


def titles_above(lines: Sequence[Record]) -> tuple[str, bool | None]:
    """Return what titles right above a header say: an account, and whether rows are pending."""
    title, state = "", None
    for record in reversed(lines):
        cells = [cell.strip() for cell in record.cells if cell.strip()]
        # The period of the rows may stand beside it, as “Zeitraum: 30 Tage”.
        if cells and all(":" in cell for cell in cells[1:]):
            state = state_of(cells[0]) if state is None else state
            title = title or (cells[0][:MAX_ID] if names_account(cells[0]) else "")
    return title, state


def states_balance(record: Record) -> bool:
    """Say whether a line is labelled as a balance, as those between a title and a header are."""
    first, *others = [cell for cell in record.cells if cell.strip()] or [""]
    return len(others) < _VALUES and names_balance(first)


def may_be_title(record: Record, header: Sequence[str]) -> bool:
    """Say whether a line may begin the rows of something else: it has no day, amount or balance."""
    cells = [cell.strip() for cell in record.cells if cell.strip()]
    if not 0 < len(cells) < len(header) or any(map(is_date, cells)):
        return False
    if any(map(names_balance, cells)) or not _PAGES.isdisjoint(normalize(cells[0]).split()):
        return False
    return not any(parse_token(cell) and not cell.isdigit() for cell in cells)


def currency_of(header: Sequence[str]) -> str:
    """Return the currency that a header names beside its amounts, if it is one."""
    named = {header_currency(cell) for cell in header} - {""}
    return named.pop() if len(named) == 1 else ""


def account_in(title: str) -> str:
    """Return the account that a title names: a number alone where it also states what is booked."""
    if state_of(title) is None:
        return title if names_account(title) else ""
    numbers = _NUMBERS.findall(title)
    return max(numbers, key=len) if numbers and has_number(title) else ""


def names_account(title: str) -> bool:
    """Say whether a title may name an account: by a number that is no year, or by its words."""
    if has_number(title):
        return not is_date(title)
    return _is_account_word(normalize(title))


def has_number(title: str) -> bool:
    numbers = _NUMBERS.findall(title)
    return any(len(number) > 4 or not number.startswith(("19", "20")) for number in numbers)


def state_of(title: str) -> bool | None:
    """Return whether the rows below a title are pending, or None if it does not say it."""
    words = normalize(title).split()
    if len(words) > _TITLE_WORDS:
        return None
    text = f" {' '.join(words)} "
    known = any(f" {each} " in text for each in PENDING if len(each) > _SHORT)
    booked = any(word.startswith(BOOKED_STEMS) for word in words)
    pending = any(word.startswith(PENDING_STEMS) for word in words)
    if not NEGATIONS.isdisjoint(words):
        return True if booked and not pending else None
    return None if booked == (pending or known) else not booked


def stated_currency_in(lines: Sequence[Record]) -> str:
    """Return the currency that a line is labelled with, or that stands beside an account."""
    for label, value in labelled(lines):
        if normalize(label) in CURRENCY_LABELS and is_listed(value.upper()):
            return value.upper()
    beside = next((code for _, code in _stated_numbers(lines) if code), "")
    if beside:
        return beside
    found = (AccountLine.of(record) for record in lines if len(record.cells) > _LABELLED)
    return next((line.currency for line in found if line and line.currency), "")


def stated_account(lines: Sequence[Record]) -> str:
    """Return the account number that a line states, an IBAN first, or nothing."""
    numbers = [number for number, _ in _stated_numbers(lines)]
    ibans = [number for number in numbers if Iban.parse(number)]
    return next(iter([*ibans, *numbers]), "") or _written_iban(lines)


def _stated_numbers(lines: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Yield the numbers that are labelled as accounts, and the currencies behind them."""
    for label, value in [*labelled(lines), *_below_each_other(lines)]:
        if normalize(label) in ACCOUNT_LABELS and any(map(str.isdigit, value)):
            match = _WITH_CURRENCY.fullmatch(value)
            if match and is_listed(match[2]):
                yield compact_number(match[1])[:MAX_ID], match[2]
            else:
                yield compact_number(value)[:MAX_ID], ""


def _below_each_other(lines: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Yield labels and the values below them, where they are a table of their own."""
    for names, values in pairwise(lines):
        if len(names.cells) == len(values.cells) > _LABELLED:
            yield from zip(names.cells, map(str.strip, values.cells), strict=True)


def _written_iban(lines: Sequence[Record]) -> str:
    """Return the only IBAN that stands in a title."""
    titles = [next(filter(str.strip, record.cells), "")[:MAX_HEADER] for record in lines]
    found = ("".join(match[0].split()) for title in titles for match in _IBAN.finditer(title))
    ibans = {each for each in found if Iban.parse(each)}
    return ibans.pop() if len(ibans) == 1 else ""
