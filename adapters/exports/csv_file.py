"""Writes CSV (RFC 4180): one row for each transaction of all accounts.

A spreadsheet evaluates a text that begins like a formula, and its locale decides where a cell
begins: where semicolons separate lists, a cell begins after each of them. Therefore an apostrophe
is inserted before every character that can begin a formula, at the beginning of a text and after
every possible separator of cells. Existing apostrophes there are escaped in the same way, so that
removing the first one restores the original text.
Balances are not rows, and are left out.
"""

import csv
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO

from adapters.exports.text import in_blocks
from domain.ledger.allocations import Split
from domain.ledger.exports import AccountLedger, ExportedTransaction, Ledger
from domain.ledger.values import Trade
from domain.shared.money import Money

HEADER = (
    "transaction_id",
    "institution",
    "account_number",
    "account_name",
    "account_kind",
    "booking_date",
    "value_date",
    "amount",
    "currency",
    "kind",
    "status",
    "description",
    "payee",
    "counterparty_account",
    "reference",
    "memo",
    "note",
    "category",
    "provider_id",
    "security_scheme",
    "security_number",
    "quantity",
    "unit_price",
    "category_id",
    "tags",
    "splits",
    "payee_name",
)
NO_TRADE = ("", "", "", "")
# ASCII, full-width and small forms, which spreadsheets treat alike.
FORMULA = "=+\\-@＝＋－＠﹦﹢﹣﹫"
# Every character at which some program begins a new line.
LINES = "\n\x0b\x0c\r\x1c\x1d\x1e\x85\u2028\u2029"
# Spaces, control characters, and what Unicode ignores: a formula may follow any of them somewhere.
# Separators of cells are not among them, so that each character is matched once.
_BLANKS = (
    "\x00-\x08\x0e-\x1b\x1f \x7f-\x84\x86-\xa0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5"
    "\u180b-\u180f\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bcaf"
    "\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_DANGEROUS = re.compile(rf"((?:\A|[;,\t|\"{LINES}])[{_BLANKS}]*)(?=['{FORMULA}])")
# Some programs treat a text that begins with these as a formula, so it is escaped as a whole.
_CONTROLS = ("\t", *LINES)


class CsvWriter:
    """`LedgerWriter` of CSV in UTF-8, with ISO dates and exact decimals."""

    format = "csv"
    media_type = "text/csv; charset=utf-8; header=present"
    suffix = ".csv"

    def write(self, ledger: Ledger) -> Iterator[bytes]:
        return in_blocks(_lines(ledger))


def without_formulas(text: str) -> str:
    """Escape a text so that no spreadsheet evaluates any part of it as a formula."""
    escaped = _DANGEROUS.sub(r"\1'", text)
    return f"'{escaped}" if text.startswith(_CONTROLS) else escaped


def _lines(ledger: Ledger) -> Iterator[str]:
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in _rows(ledger):
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _rows(ledger: Ledger) -> Iterator[tuple[str, ...]]:
    yield HEADER
    for account_ledger in ledger.accounts:
        account = _account(account_ledger)
        for transaction in account_ledger.transactions:
            yield _row(transaction, account)


def _account(account_ledger: AccountLedger) -> tuple[str, ...]:
    account = account_ledger.account
    return (
        without_formulas(account.institution),
        without_formulas(account.number),
        without_formulas(account.name),
        account.kind.value,
    )


def _row(transaction: ExportedTransaction, account: tuple[str, ...]) -> tuple[str, ...]:
    return (
        str(transaction.id),
        *account,
        transaction.booking_date.isoformat(),
        transaction.value_date.isoformat() if transaction.value_date else "",
        transaction.amount.digits,
        transaction.amount.currency,
        transaction.kind.value,
        transaction.status.value,
        without_formulas(transaction.description),
        without_formulas(transaction.payee),
        without_formulas(transaction.counterparty_account),
        without_formulas(transaction.reference),
        without_formulas(transaction.memo),
        without_formulas(transaction.note),
        without_formulas(transaction.category),
        without_formulas(transaction.provider_id or ""),
        *(_trade(transaction.trade) if transaction.trade else NO_TRADE),
        str(transaction.category_id or ""),
        without_formulas(" ".join(transaction.tags)),
        without_formulas(_splits(transaction)),
        without_formulas(transaction.payee_name),
    )


def _trade(trade: Trade) -> tuple[str, ...]:
    security, price = trade.security, trade.unit_price
    return (
        without_formulas(security.scheme),
        without_formulas(security.number),
        _plain(trade.quantity),
        "" if price is None else _plain(price),
    )


def _splits(transaction: ExportedTransaction) -> str:
    """Return the parts of a transaction as JSON, if there are any.

    Their amounts are numbers with all digits: a minus after a quotation mark could be a formula.
    """
    if len(transaction.parts) == 1:
        return ""
    currency = transaction.amount.currency
    return f"[{', '.join(_split(part, currency) for part in transaction.parts)}]"


def _split(part: Split, currency: str) -> str:
    said = {
        "category_id": str(part.category_id) if part.category_id else None,
        "category": part.category,
        "memo": part.memo,
    }
    amount = Money(part.amount, currency).digits
    return f'{{"amount": {amount}, {json.dumps(said, ensure_ascii=False)[1:]}'


def _plain(number: Decimal) -> str:
    return f"{number.normalize() + 0:f}"
