"""What stands above the rows of a file and is true for all of them."""

import re
from collections.abc import Iterator, Sequence

from adapters.statements.csv.headings import header_currency
from adapters.statements.csv.profiles import Opened
from adapters.statements.csv.records import Record
from adapters.statements.csv.words import (
    ACCOUNT_LABELS,
    CREDIT_CARDS,
    CURRENCY_LABELS,
    plain,
)
from adapters.statements.limits import MAX_ID
from domain.ledger.hints import CsvColumn
from domain.ledger.values import AccountKind
from domain.shared.money import is_currency

_IBAN = re.compile(r"[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}", re.ASCII)
_SUMS = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT)


def stated_account(above: Sequence[Record]) -> str:
    """Return the account that lines above the header name, or nothing."""
    for label, value in _labelled(above):
        if plain(label) in ACCOUNT_LABELS and any(map(str.isdigit, value)):
            return compact_number(value)[:MAX_ID]
    return ""


def stated_kind(opened: Opened) -> AccountKind:
    """Return what sort of account the file names: a credit card, or it does not say."""
    labels = [*opened.layout.header, *(label for label, _ in _labelled(opened.layout.above))]
    cards = any(word in plain(label) for label in labels for word in CREDIT_CARDS)
    return AccountKind.CREDIT_CARD if cards else AccountKind.OTHER


def stated_currency(opened: Opened) -> str:
    """Return the currency that a header of amounts names, or a line above it."""
    header, columns = opened.layout.header, opened.profile.columns
    for role in _SUMS:
        if role in columns and columns[role] < len(header):
            named = header_currency(header[columns[role]])
            if named:
                return named
    told = [
        value for label, value in _labelled(opened.layout.above) if plain(label) in CURRENCY_LABELS
    ]
    return next((value.upper() for value in told if is_currency(value.upper())), "")


def compact_number(number: str) -> str:
    """Return an account number as it is compared: an IBAN has no blanks."""
    number = number.strip()
    return "".join(number.split()) if _IBAN.fullmatch(number) else number


def _labelled(above: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Yield labels and their values, side by side or with a colon between them in one cell."""
    for record in above:
        cells = [cell.strip() for cell in record.cells if cell.strip()]
        if len(cells) > 1:
            yield cells[0], cells[1]
        elif cells and ":" in cells[0]:
            label, value = cells[0].split(":", 1)
            yield label, value.strip()
