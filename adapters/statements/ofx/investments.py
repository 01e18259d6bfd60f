"""Securities, trades and positions of OFX (OFX 2.2, sections 13.8 and 13.9.2)."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from adapters.statements.amounts import DecimalMark, parse_amount
from adapters.statements.limits import MAX_ID
from adapters.statements.ofx.draft import Source
from adapters.statements.ofx.text import parse_day
from domain.ledger.values import Security, StatedHolding, Trade
from domain.shared.money import MAX_DECIMALS, Money, is_currency

POSITIONS = {"POSMF", "POSSTOCK", "POSDEBT", "POSOPT", "POSOTHER"}

# Cash from a security, and transfers between sub-accounts, leave the number of units as it is.
_NO_UNITS = {"INCOME", "RETOFCAP", "INVEXPENSE", "JRNLSEC"}
_SELLS = {"SELLDEBT", "SELLMF", "SELLOPT", "SELLOTHER", "SELLSTOCK"}
_LONG_PRICE = re.compile(rf"([.,]\d{{{MAX_DECIMALS}}})\d+\Z", re.ASCII)

NO_SECURITY = "no security is named"
TOO_LONG = f"the number of the security is longer than {MAX_ID} characters"


class Securities:
    """The list of securities (OFX 2.2, section 13.8), which may be anywhere in the file.

    The first entry for a security is used.
    """

    def __init__(self, listed: Iterable[Source] = ()) -> None:
        self._known: dict[tuple[str, str], Security] = {}
        for source in listed:
            self._add(source.leaves)

    def find(self, leaves: Mapping[str, str]) -> Security | str:
        """Return the security of a row or a position, or the reason why it has none."""
        scheme, number = _key(leaves)
        if not number:
            return NO_SECURITY
        if max(len(scheme), len(number)) > MAX_ID:
            return TOO_LONG
        return self._known.get((scheme, number)) or Security(scheme=scheme, number=number)

    def _add(self, leaves: Mapping[str, str]) -> None:
        scheme, number = _key(leaves)
        name, ticker = (_text(leaves.get(tag, "")) for tag in ("SECNAME", "TICKER"))
        security = Security(scheme=scheme, number=number, name=name, ticker=ticker)
        self._known.setdefault((scheme, number), security)


def read_trade(
    source: Source, amount: Decimal, mark: DecimalMark, securities: Securities
) -> Trade | str | None:
    """Return the trade, None if the row has no units, or the reason why it cannot be read."""
    security = securities.find(source.leaves)
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
    """Return the change of the account's units: negative if they leave it."""
    if source.tag in _NO_UNITS:
        return Decimal(0)
    if source.tag == "SPLIT":
        return _split(source.leaves, mark)
    units = _number(source.leaves, "UNITS", mark)
    if not isinstance(units, Decimal) or units <= 0:
        return units
    return -units if _is_outgoing(source, amount) else units


def _split(leaves: Mapping[str, str], mark: DecimalMark) -> Decimal | str:
    new, old = _number(leaves, "NEWUNITS", mark), _number(leaves, "OLDUNITS", mark)
    if isinstance(new, str):
        return new
    if isinstance(old, str):
        return old
    return Decimal(0) if new is None or old is None else new - old


def _is_outgoing(source: Source, amount: Decimal) -> bool:
    """Return whether unsigned units leave the account; a sale with a debit is a reversal."""
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
    security = securities.find(leaves)
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
        # In OFX this is an amount for the whole position, as MKTVAL is, not a price per unit.
        cost_basis=_money(numbers["AVGCOSTBASIS"], currency),
        day=day,
    )


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def _worth(amount: Decimal | None, currency: str, leaves: Mapping[str, str]) -> Money | None:
    return _money(amount, currency) if amount or _is_priced(leaves) else None


def _is_priced(leaves: Mapping[str, str]) -> bool:
    """Return whether the price has a date: 0 means that price and value are unknown."""
    return leaves.get("DTPRICEASOF", "").strip("0") != ""


def _is_short(leaves: Mapping[str, str]) -> bool:
    return leaves.get("POSTYPE", "").upper() == "SHORT"


def _number(leaves: Mapping[str, str], name: str, mark: DecimalMark) -> Decimal | str | None:
    """Return the number, None if there is none, or the reason why it cannot be read."""
    text = leaves.get(name)
    if text and name == "UNITPRICE":
        # A price is often a quotient: decimals that cannot be stored are cut off.
        text = _LONG_PRICE.sub(r"\1", text)
    number = parse_amount(text, mark) if text else None
    return f"{name}: {number}" if isinstance(number, str) else number


def _key(leaves: Mapping[str, str]) -> tuple[str, str]:
    return leaves.get("SECID.UNIQUEIDTYPE", "").upper(), leaves.get("SECID.UNIQUEID", "")


def _text(text: str) -> str:
    return " ".join(text.split())[:MAX_ID]
