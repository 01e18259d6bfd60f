"""Trades and positions of OFX (OFX 2.2, sections 13.9.2.4 and 13.9.2.6)."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from adapters.statements.amounts import DecimalMark, parse_amount
from adapters.statements.ofx.draft import Source
from adapters.statements.ofx.securities import NO_SECURITY, Securities
from adapters.statements.ofx.values import parse_day
from domain.ledger.values import Security, StatedHolding, Trade
from domain.shared.money import MAX_DECIMALS, Money, is_currency

POSITIONS = {"POSMF", "POSSTOCK", "POSDEBT", "POSOPT", "POSOTHER"}

# Cash about a security, and units that only change their sub-account: the account holds as many.
_NO_UNITS = {"INCOME", "RETOFCAP", "INVEXPENSE", "JRNLSEC"}
_SELLS = {"SELLDEBT", "SELLMF", "SELLOPT", "SELLOTHER", "SELLSTOCK"}
_LONG_PRICE = re.compile(rf"([.,]\d{{{MAX_DECIMALS}}})\d+\Z", re.ASCII)


def read_trade(
    source: Source, amount: Decimal, mark: DecimalMark, securities: Securities
) -> Trade | str | None:
    """Return what moved beside the cash, nothing where no units are told, or why it is unclear."""
    security = securities.of(source.leaves)
    if isinstance(security, str):
        return None if security == NO_SECURITY else security
    quantity = _quantity(source, amount, mark)
    price = _number(source.leaves, "UNITPRICE", mark)
    if isinstance(quantity, str):
        return quantity
    if isinstance(price, str):
        return price
    if quantity is None:
        return None
    return Trade(security=security, quantity=quantity, unit_price=price)


def _quantity(source: Source, amount: Decimal, mark: DecimalMark) -> Decimal | str | None:
    """Return the units that come into the account, less those that leave it."""
    if source.tag in _NO_UNITS:
        return Decimal(0)
    if source.tag == "SPLIT":
        return _split(source.leaves, mark)
    units = _number(source.leaves, "UNITS", mark)
    if not isinstance(units, Decimal) or units <= 0:
        return units
    return -units if _leaves(source, amount) else units


def _split(leaves: Mapping[str, str], mark: DecimalMark) -> Decimal | str:
    new, old = _number(leaves, "NEWUNITS", mark), _number(leaves, "OLDUNITS", mark)
    if isinstance(new, str):
        return new
    if isinstance(old, str):
        return old
    return Decimal(0) if new is None or old is None else new - old


def _leaves(source: Source, amount: Decimal) -> bool:
    """Tell whether units without a sign leave the account: a sale that costs is one taken back."""
    if source.tag == "TRANSFER":
        out = source.leaves.get("TFERACTION", "").upper() == "OUT"
        return out != _is_short(source.leaves)
    return source.tag in _SELLS and amount >= 0


def read_holding(
    source: Source,
    currency: str,
    stated_day: date | str,
    mark: DecimalMark,
    securities: Securities,
) -> StatedHolding | str:
    """Return the position, or the reason why it cannot be read."""
    leaves = source.leaves
    security = securities.of(leaves)
    symbol = leaves.get("CURRENCY.CURSYM", currency).upper()
    day = parse_day(leaves["DTPRICEASOF"]) if _is_priced(leaves) else stated_day
    if isinstance(security, str):
        return security
    if isinstance(day, str):
        return day
    if not is_currency(symbol):
        return "the currency is not an ISO 4217 code"
    return _holding(source, security, symbol, day, mark)


def _holding(
    source: Source, security: Security, currency: str, day: date, mark: DecimalMark
) -> StatedHolding | str:
    numbers: dict[str, Decimal | None] = {}
    for name in ("UNITS", "UNITPRICE", "MKTVAL", "AVGCOSTBASIS"):
        number = _number(source.leaves, name, mark)
        if isinstance(number, str):
            return number
        numbers[name] = number
    units, value = numbers["UNITS"], numbers["MKTVAL"]
    if units is None:
        return "no UNITS"
    if _is_short(source.leaves):
        units, value = -abs(units), None if value is None else -abs(value)
    return StatedHolding(
        line=source.line,
        security=security,
        quantity=units,
        price=_worth(numbers["UNITPRICE"], currency, source.leaves),
        value=_worth(value, currency, source.leaves),
        # An amount of the position in the scheme of OFX, as MKTVAL is: no price of a unit.
        cost_basis=_money(numbers["AVGCOSTBASIS"], currency),
        day=day,
    )


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def _worth(amount: Decimal | None, currency: str, leaves: Mapping[str, str]) -> Money | None:
    return _money(amount, currency) if amount or _is_priced(leaves) else None


def _is_priced(leaves: Mapping[str, str]) -> bool:
    """Tell whether there is a day of the price: 0 says that price and value are unknown."""
    return leaves.get("DTPRICEASOF", "").strip("0") != ""


def _is_short(leaves: Mapping[str, str]) -> bool:
    return leaves.get("POSTYPE", "").upper() == "SHORT"


def _number(leaves: Mapping[str, str], name: str, mark: DecimalMark) -> Decimal | str | None:
    """Return a number, nothing where none is given, or the reason why it cannot be read."""
    text = leaves.get(name)
    if text and name == "UNITPRICE":
        # A price is often a quotient: more decimals than can be kept are cut off.
        text = _LONG_PRICE.sub(r"\1", text)
    number = parse_amount(text, mark) if text else None
    return f"{name}: {number}" if isinstance(number, str) else number
