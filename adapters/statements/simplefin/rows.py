"""Converts transactions and holdings of SimpleFIN, or returns why they cannot be read."""

from datetime import date
from decimal import Decimal
from typing import Any

from adapters.statements.amounts import NOT_A_NUMBER
from adapters.statements.limits import MAX_ID, MAX_VALUE
from adapters.statements.references import usable
from adapters.statements.simplefin.text import Members, clean, day, word
from adapters.statements.text import in_one
from domain.ledger.kinds import TransactionKind
from domain.ledger.values import Security, StatedHolding, StatementRow
from domain.shared.money import Money, is_currency, parse_decimal

_TEXTS = ("payee", "description", "memo")
#: What is stored of a transaction as it was written, beside its texts.
_RAW = ("id", "posted", "transacted_at", "amount", "pending", "mcc", *_TEXTS)
# What a broker calls a position, if it names no ticker.
_BY_TICKER, _BY_NAME = "TICKER", "NAME"


def read_row(stated: Any, line: int, currency: str, pending_day: date | None) -> StatementRow | str:
    """Return a row, or the reason why it is quarantined.

    One that is pending may have no day: then it is of the day of the answer.
    """
    if not isinstance(stated, dict):
        return "the transaction is not an object"
    number = word(stated, "id")
    if len(number) > MAX_ID:
        return f"the id is longer than {MAX_ID} characters"
    if any(len(word(stated, name)) > MAX_VALUE for name in _TEXTS):
        return f"a text is longer than {MAX_VALUE} characters"
    amount = parse_decimal(word(stated, "amount"))
    if amount is None:
        return NOT_A_NUMBER
    posted = day(stated, "posted")
    pending = stated.get("pending") is True or posted is None
    booked = posted or day(stated, "transacted_at") or pending_day
    if booked is None:
        return "the transaction has no day"
    return _row(stated, line, Money(amount, currency), booked, pending=pending)


def _row(stated: Members, line: int, amount: Money, booked: date, *, pending: bool) -> StatementRow:
    payee, description, memo = (word(stated, name) for name in _TEXTS)
    return StatementRow(
        line=line,
        provider_id=usable(word(stated, "id")),
        booking_date=booked,
        amount=amount,
        kind=TransactionKind.DEBIT if amount.amount < 0 else TransactionKind.CREDIT,
        # Not the payee, if there is anything else: some servers guess it, and guess again later.
        description=in_one(description, memo) or payee,
        payee=payee,
        memo=memo,
        pending=pending,
        raw={name: _written(stated[name]) for name in _RAW if name in stated},
    )


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return clean(value)


def read_holding(stated: Any, line: int, currency: str, stated_day: date) -> StatedHolding | str:
    """Return a position, or the reason why it cannot be read."""
    if not isinstance(stated, dict):
        return "the holding is not an object"
    own = (word(stated, "currency") or currency).upper()
    if not is_currency(own):
        return "the currency is not an ISO 4217 code"
    security = _security(stated)
    if isinstance(security, str):
        return security
    numbers = dict[str, Decimal | None]()
    for name in ("shares", "market_value", "cost_basis"):
        text = word(stated, name)
        numbers[name] = parse_decimal(text)
        if text and numbers[name] is None:
            return f"{name}: {NOT_A_NUMBER}"
    shares = numbers["shares"]
    if shares is None:
        return "no shares"
    return StatedHolding(
        line=line,
        security=security,
        quantity=shares,
        value=_money(numbers["market_value"], own),
        # An amount for the whole position. Servers write 0 if they do not know it.
        cost_basis=_money(numbers["cost_basis"] or None, own),
        day=stated_day,
    )


def _security(stated: Members) -> Security | str:
    symbol, name = word(stated, "symbol"), word(stated, "description")
    number = symbol or name or word(stated, "id")
    if not number:
        return "no security is named"
    if len(number) > MAX_ID:
        return f"the number of the security is longer than {MAX_ID} characters"
    scheme = _BY_TICKER if symbol else _BY_NAME
    return Security(scheme=scheme, number=number, name=name[:MAX_ID], ticker=symbol)


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
