"""Converts a statement line (:61:) into a statement row, or returns why it cannot."""

import re
from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from adapters.statements.amounts import DecimalMark, parse_amount
from adapters.statements.limits import MAX_ID
from adapters.statements.mt940.fields import Entry
from adapters.statements.mt940.information import described, parts_of, texts_of
from adapters.statements.references import usable
from domain.ledger.kinds import TransactionKind
from domain.ledger.values import StatementRow
from domain.shared.money import Money

# SWIFT field 61: value date, entry date, mark, funds code, amount, type, references.
_LINE = re.compile(
    r"\s*(?P<value>\d{6})(?P<entry>\d{4})?\s*(?P<mark>[REre]?[CDcd])(?P<funds>[A-Z])?\s*"
    r"(?P<amount>\d[\d.]*,?\d*)\s*(?P<type>[A-Z][A-Z0-9]{3})?(?P<references>[^\n]*)"
    r"(?P<details>(?s:.*))",
    re.ASCII,
)
# A reversal inverts its mark: the reversal of a credit is a debit.
_SIGNS = {"C": 1, "D": -1, "RC": -1, "RD": 1, "EC": 1, "ED": -1}
# SWIFT MT942, field 61: expected credits and debits.
_EXPECTED = {"EC", "ED"}
_KINDS = {
    "BRF": TransactionKind.FEE,
    "CHG": TransactionKind.FEE,
    "COM": TransactionKind.FEE,
    "CHK": TransactionKind.CHECK,
    "CLR": TransactionKind.CASH,
    "DDT": TransactionKind.DIRECT_DEBIT,
    "DIV": TransactionKind.DIVIDEND,
    "INT": TransactionKind.INTEREST,
    "STO": TransactionKind.REPEATING_PAYMENT,
    "TRF": TransactionKind.TRANSFER,
}
# Parts of field :86: that are references, and words that point to them.
_REFERENCES = ("EREF", "KREF", "PREF", "MARF")
_POINTERS = {"EREF", "KREF", "MREF", "MARF", "PREF"}
# A statement may state one balance of its month alone.
_TOLERANCE = 31
# Years of two digits from this one on are of the 20th century.
_FIRST_YEAR = 80


#: The first and the last day of a statement, if it states a balance.
Days = tuple[date, date]


def read_entry(entry: Entry, currency: str, days: Days | None) -> StatementRow | str:
    """Return the row, or the reason why it is quarantined."""
    match = _LINE.match(entry.text) or _LINE.match(entry.text.replace("\n", "", 1))
    if match is None or entry.is_doubtful:
        return "the statement line does not have the form of field :61:"
    value_date = read_date(match["value"])
    day = _entry_date(match["entry"], value_date or _end_of_month(match["value"]), days)
    if day is None:
        return "the date does not exist"
    amount = read_amount(match["amount"])
    if isinstance(amount, str):
        return amount
    mark = match["mark"].upper()
    amount *= _SIGNS[mark]
    customer, _, bank = match["references"].partition("//")
    parts = parts_of(entry.information)
    bank_id = usable(bank[:MAX_ID])
    details = " ".join(match["details"].split())
    own = "" if customer.strip().upper() in _POINTERS else usable(customer) or ""
    texts, kind = texts_of(parts), _kind(match["type"] or "", amount)
    return StatementRow(
        line=entry.line,
        provider_id=bank_id,
        booking_date=day,
        value_date=value_date,
        amount=Money(amount, currency),
        kind=kind,
        description=_description(parts, details, own, has_id=bank_id is not None),
        payee=texts.payee,
        counterparty_account=texts.counterparty_account,
        reference=texts.reference or (own if kind is TransactionKind.CHECK else ""),
        memo=texts.memo,
        pending=mark in _EXPECTED,
        raw={":61:": entry.text, **{key or ":86:": value for key, value in parts.items()}},
    )


def _end_of_month(text: str) -> date | None:
    """Return the last day of the month: banks that count 30 days a month write 30 February."""
    first = read_date(f"{text[:4]}01")
    return date(first.year, first.month, monthrange(first.year, first.month)[1]) if first else None


@lru_cache(4096)
def _entry_date(text: str | None, near: date | None, days: Days | None) -> date | None:
    """Return the entry date (MMDD) in the year in which it is among the days of the statement.

    If it is among them in none, it is in the year that is nearest to the value date.
    """
    if text is None or near is None:
        return near
    if days:
        among = [
            day
            for day in _in_years(text, {each.year for each in days})
            if _beyond(day, days) <= _TOLERANCE
        ]
        if among:
            return min(among, key=lambda day: (_beyond(day, days), abs(day - near)))
    return min(_in_years(text, {near.year}), key=lambda day: abs(day - near), default=near)


def _in_years(text: str, years: Collection[int]) -> Sequence[date]:
    """Return a day (MMDD) in these years, and in those before and after them."""
    found = []
    for year in sorted({each + more for each in years for more in (-1, 0, 1)}):
        try:
            found.append(date(year, int(text[:2]), int(text[2:])))
        except ValueError:
            continue
    return found


def _beyond(day: date, days: Days) -> int:
    """Return by how many days a day is before or after the days of a statement."""
    first, last = days
    return max((first - day).days, (day - last).days, 0)


def _description(parts: Mapping[str, str], details: str, own: str, *, has_id: bool) -> str:
    """Return the description; it names the references of an entry that the bank gives no id."""
    text = described(parts) or details or own
    if has_id:
        return text
    references = dict.fromkeys([*(parts.get(key, "") for key in _REFERENCES), details, own])
    named = (each for each in references if each not in text and usable(each))
    return " – ".join(filter(None, [text, ", ".join(named)]))


def _kind(code: str, amount: Decimal) -> TransactionKind:
    kind = _KINDS.get(code[1:])
    return kind or (TransactionKind.CREDIT if amount >= 0 else TransactionKind.DEBIT)


@lru_cache(4096)
def read_date(text: str) -> date | None:
    """Read YYMMDD."""
    year = int(text[:2])
    try:
        century = 1900 if year >= _FIRST_YEAR else 2000
        return date(century + year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None


def read_amount(text: str) -> Decimal | str:
    """Return the amount, or why it cannot be read: a point may group or begin the decimals."""
    return parse_amount(text, DecimalMark.UNKNOWN if "." in text else DecimalMark.COMMA)
