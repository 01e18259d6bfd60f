"""The header and the lines above it: account, currency and kind that hold for all rows."""

import re
from collections.abc import Iterator, Sequence

from adapters.statements.csv.profile import DetectedFile
from adapters.statements.csv.records import Record
from adapters.statements.csv.words import (
    ACCOUNT_LABELS,
    CREDIT_CARDS,
    CURRENCY_LABELS,
    header_currency,
    normalize,
)
from adapters.statements.limits import MAX_ID
from domain.ledger.hints import CsvColumn
from domain.ledger.values import AccountKind
from domain.shared.money import is_currency

_IBAN = re.compile(r"[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}", re.ASCII)
_AMOUNT_COLUMNS = (CsvColumn.AMOUNT, CsvColumn.DEBIT, CsvColumn.CREDIT)


def stated_account(above: Sequence[Record]) -> str:
    """Return the account number in the lines above the header, or nothing."""
    for label, value in _labelled(above):
        if normalize(label) in ACCOUNT_LABELS and any(map(str.isdigit, value)):
            return compact_number(value)[:MAX_ID]
    return ""


def stated_kind(file: DetectedFile) -> AccountKind:
    """Return the kind of account: a credit card if a label says so, else unknown."""
    labels = [*file.layout.header, *(label for label, _ in _labelled(file.layout.above))]
    cards = any(word in normalize(label) for label in labels for word in CREDIT_CARDS)
    return AccountKind.CREDIT_CARD if cards else AccountKind.OTHER


def stated_currency(file: DetectedFile) -> str:
    """Return the currency in the header of an amount, or in a line above it."""
    header, columns = file.layout.header, file.profile.columns
    for role in _AMOUNT_COLUMNS:
        if role in columns and columns[role] < len(header):
            named = header_currency(header[columns[role]])
            if named:
                return named
    stated = [
        value
        for label, value in _labelled(file.layout.above)
        if normalize(label) in CURRENCY_LABELS
    ]
    return next((value.upper() for value in stated if is_currency(value.upper())), "")


def compact_number(number: str) -> str:
    """Return an account number without blanks if it is an IBAN, to compare it."""
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
