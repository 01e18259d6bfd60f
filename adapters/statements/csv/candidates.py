"""What columns are found so far, and which others may hold dates, money or texts."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.statements.csv.amounts import AmountToken, parse_token
from adapters.statements.csv.dates import is_date
from adapters.statements.csv.evidence import holds_amounts
from adapters.statements.csv.records import Table
from adapters.statements.csv.words import HEADERS, KNOWN, PURCHASE_DATES, SYMBOLS
from domain.ledger.hints import CsvColumn
from domain.ledger.questions import Question

Columns = dict[CsvColumn, int]

PAIR = {CsvColumn.DEBIT, CsvColumn.CREDIT}
TEXTS = (CsvColumn.DESCRIPTION, CsvColumn.MEMO)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
# No amount has so many digits.
_LONG_NUMBER = re.compile(r"\d{16,}", re.ASCII)
# “Wert” and others name a value as often as a date.
_DATES = {*HEADERS[CsvColumn.BOOKING_DATE], *HEADERS[CsvColumn.VALUE_DATE]}
# So does “Debit/Credit”, as often as a direction.
_MISNAMED = {*_DATES, *HEADERS[CsvColumn.DIRECTION]}
# Other words of three letters are as likely anything else.
_CODES = set(
    "AED ARS AUD BAM BGN BHD BRL BYN CAD CHF CLP CNH CNY COP CZK DKK EGP EUR GBP GEL GHS HKD HRK"
    " HUF IDR ILS INR ISK JOD JPY KES KRW KWD KZT LKR MAD MDL MKD MXN MYR NGN NOK NZD OMR PEN PHP"
    " PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH UGX USD UYU VND XAF XOF ZAR".split()
)


class ColumnIndexes(NamedTuple):
    """The index of each column in a row, in the order of `CsvColumn`."""

    booking_date: int
    value_date: int
    amount: int
    debit: int
    credit: int
    direction: int
    fee: int
    currency: int
    description: int
    memo: int
    counterparty_account: int
    reference: int
    category: int
    category_group: int
    tags: int
    provider_id: int
    balance: int
    account: int
    account_kind: int
    destination: int
    destination_kind: int
    destination_amount: int
    destination_currency: int
    kind: int
    status: int


@dataclass
class FoundColumns:
    """The columns of a file. Where a question is open, the likeliest is among them, if any is.

    `options` are the columns that questions are about: what these hold may be asked as well.
    """

    columns: Columns = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    options: dict[CsvColumn, Sequence[int]] = field(default_factory=dict)
    #: Those that a hint names.
    chosen: frozenset[CsvColumn] = frozenset()
    #: Why nothing can be read in a column that a hint names, if no other column will do.
    unreadable: str = ""

    def ask(self, role: CsvColumn, question: Question, options: Sequence[int] = ()) -> None:
        self.questions.append(question)
        self.options[role] = options

    def spread(self, roles: Sequence[CsvColumn]) -> Columns:
        """Return the columns of these roles, with the other options of a question in free ones."""
        known = {role: self.columns[role] for role in roles if role in self.columns}
        options = [at for role in roles for at in self.options.get(role, ())]
        others = [at for at in dict.fromkeys(options) if at not in known.values()]
        return known | dict(
            zip([each for each in roles if each not in known], others, strict=False)
        )

    def is_open(self, *roles: CsvColumn) -> bool:
        """Say whether none of these columns is known, or asked for."""
        return not (self.columns.keys() | self.options.keys()) & {*roles}


def is_text(value: str) -> bool:
    """Say whether a value is words, and no amount, date or account number."""
    if not any(map(str.isalpha, value)) or is_iban(value):
        return False
    return not parse_token(value) and not is_date(value)


def is_iban(value: str) -> bool:
    return _IBAN.fullmatch("".join(value.split())) is not None


def is_code(value: str) -> bool:
    """Say whether a value is the code or the symbol of a currency that people use."""
    return value.upper() in _CODES or value in SYMBOLS


def number(value: str) -> AmountToken | None:
    """Return the number in a cell, which is no date."""
    return None if is_date(value) else parse_token(value)


def holds_money(table: Table, at: int) -> bool:
    """Say whether a column has amounts, and no dates or numbers of accounts."""
    if not holds_amounts(table, at) or table.holds(at, is_date):
        return False
    return not all(map(_LONG_NUMBER.fullmatch, table.values(at)))


def money_columns(table: Table, columns: Columns) -> list[int]:
    """Return the columns that hold amounts, and have neither a role nor a known heading."""
    misnamed = {at for at, name in enumerate(table.names) if name in _MISNAMED}
    misnamed -= {*columns.values()}
    free = [at for at in {*_free(table, columns), *misnamed} if holds_money(table, at)]
    return sorted(at for at in free if at in misnamed or table.holds(at, _is_no_date))


def date_columns(table: Table, columns: Columns) -> list[int]:
    """Return the columns that hold dates, and have neither a role nor the heading of another."""
    bought = [at for at, name in enumerate(table.names) if name in PURCHASE_DATES]
    dated = [at for at in bought if at not in columns.values() and table.holds(at, is_date)]
    return sorted({*free_columns(table, columns, is_date), *dated})


def free_columns(table: Table, columns: Columns, form: Callable[[str], bool]) -> Iterator[int]:
    """Yield the columns that have a form, and neither a role nor a known header."""
    yield from (at for at in _free(table, columns) if table.holds(at, form))


def _free(table: Table, columns: Columns) -> Iterator[int]:
    taken = {*columns.values()}
    yield from (at for at in range(table.width) if at not in taken and table.names[at] not in KNOWN)


def _is_no_date(value: str) -> bool:
    return not is_date(value)
