"""Writes CSV (RFC 4180): one row for each transaction, of all accounts.

A spreadsheet runs a text that begins like a formula, and where a cell begins is up to its locale:
where lists are separated by semicolons, it begins behind each of them. So an apostrophe is put
before every sign that a formula may begin with, at the beginning of a text and behind all that may
separate cells. One is put before an apostrophe there as well: to take the first one away at each
of these places gives back what it was.
Balances are no rows, and are left out.
"""

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO

from adapters.exports.text import in_blocks
from domain.ledger.exports import AccountLedger, ExportedTransaction, Ledger
from domain.ledger.values import Trade

HEADER = (
    "transaction_id",
    "institution",
    "account_number",
    "account_kind",
    "booking_date",
    "value_date",
    "amount",
    "currency",
    "kind",
    "status",
    "description",
    "note",
    "category",
    "provider_id",
    "security_scheme",
    "security_number",
    "quantity",
    "unit_price",
)
NO_TRADE = ("", "", "", "")
# As ASCII has them, full-width and small: what a spreadsheet takes for the same.
FORMULA = "=+\\-@＝＋－＠﹦﹢﹣﹫"
# All that some program begins a new line at.
LINES = "\n\x0b\x0c\r\x1c\x1d\x1e\x85\u2028\u2029"
# Spaces, controls, and what Unicode has to be ignored: none keeps a text from being a formula
# everywhere. What separates cells is none of them, so that each sign is looked at once.
_BLANKS = (
    "\x00-\x08\x0e-\x1b\x1f \x7f-\x84\x86-\xa0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5"
    "\u180b-\u180f\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bcaf"
    "\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_DANGEROUS = re.compile(rf"((?:\A|[;,\t|\"{LINES}])[{_BLANKS}]*)(?=['{FORMULA}])")
# What begins with them is taken for a formula by some; a mark in front of all is part of it.
_CONTROLS = ("\t", *LINES)


class CsvWriter:
    """`LedgerWriter` of CSV in UTF-8, with ISO dates and exact decimals."""

    format = "csv"
    media_type = "text/csv; charset=utf-8; header=present"
    suffix = ".csv"

    def write(self, ledger: Ledger) -> Iterator[bytes]:
        return in_blocks(_lines(ledger))


def harmless(text: str) -> str:
    """Return a text of which no spreadsheet takes any part for a formula."""
    marked = _DANGEROUS.sub(r"\1'", text)
    return f"'{marked}" if text.startswith(_CONTROLS) else marked


def _lines(ledger: Ledger) -> Iterator[str]:
    page = StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n")
    for row in _rows(ledger):
        writer.writerow(row)
        yield page.getvalue()
        page.seek(0)
        page.truncate()


def _rows(ledger: Ledger) -> Iterator[tuple[str, ...]]:
    yield HEADER
    for sheet in ledger.accounts:
        account = _account(sheet)
        for movement in sheet.transactions:
            yield _row(movement, account)


def _account(sheet: AccountLedger) -> tuple[str, ...]:
    account = sheet.account
    return harmless(account.institution), harmless(account.number), account.kind.value


def _row(movement: ExportedTransaction, account: tuple[str, ...]) -> tuple[str, ...]:
    return (
        str(movement.id),
        *account,
        movement.booking_date.isoformat(),
        movement.value_date.isoformat() if movement.value_date else "",
        movement.amount.digits,
        movement.amount.currency,
        movement.kind.value,
        movement.status.value,
        harmless(movement.description),
        harmless(movement.note),
        harmless(movement.category),
        harmless(movement.provider_id or ""),
        *(_trade(movement.trade) if movement.trade else NO_TRADE),
    )


def _trade(trade: Trade) -> tuple[str, ...]:
    security, price = trade.security, trade.unit_price
    return (
        harmless(security.scheme),
        harmless(security.number),
        _plain(trade.quantity),
        "" if price is None else _plain(price),
    )


def _plain(number: Decimal) -> str:
    return f"{number.normalize() + 0:f}"
