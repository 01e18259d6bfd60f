"""Exchange rates of entries: units of the account's currency for one of the original."""

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal

from domain.shared.money import MAX_DECIMALS, Money, is_currency, parse_decimal

# In version 1 of the schema the details are in the entry itself.
DETAILS = ("NtryDtls.TxDtls", "TxDtls")
_ROOTS = ("", *(f"{each}." for each in DETAILS))
_AMOUNTS = ("InstdAmt", "TxAmt", "CntrValAmt")
# A rate is that of an entry if it converts its amounts so nearly: fees may be among them.
_NEARLY = Decimal("0.05")
_EXACT = Context(prec=40)
_LAST_DECIMAL = Decimal(1).scaleb(-MAX_DECIMALS)


def conversion(leaves: Mapping[str, str], booked: Money) -> tuple[str | None, Decimal | None]:
    """Return the original currency and the exchange rate, where the entry has just one."""
    for name in _AMOUNTS:
        for root in _ROOTS:
            original = leaves.get(f"{root}AmtDtls.{name}.Amt@Ccy", "")
            if is_currency(original) and original != booked.currency:
                amount = parse_decimal(leaves.get(f"{root}AmtDtls.{name}.Amt", ""))
                rates = _rates(leaves, f"{root}AmtDtls", name, original, booked.currency)
                return original, _fitting([*rates], amount, _booked(leaves, root, booked))
    return None, None


def _rates(
    leaves: Mapping[str, str], path: str, name: str, original: str, currency: str
) -> Iterator[Decimal]:
    """Yield the first rate between both currencies, as it is stated and the other way round.

    By ISO 20022, `UnitCcy` is the currency of which one unit has this price. Without it, the rate
    converts the source into the target currency.
    """
    for each in (name, *_AMOUNTS):
        exchange = f"{path}.{each}.CcyXchg"
        source, target, unit = (
            leaves.get(f"{exchange}.{tag}", "") for tag in ("SrcCcy", "TrgtCcy", "UnitCcy")
        )
        rate = parse_decimal(leaves.get(f"{exchange}.XchgRate", ""))
        if rate and rate > 0 and {source, target, unit} <= {original, currency, ""}:
            inverse = _EXACT.divide(Decimal(1), rate).quantize(_LAST_DECIMAL, context=_EXACT)
            is_inverse = currency == (unit or source) or (not unit and target == original)
            yield from (inverse, rate) if is_inverse else (rate, inverse)
            return


def _fitting(
    rates: list[Decimal], original: Decimal | None, booked: Decimal | None
) -> Decimal | None:
    """Return the rate that converts the amounts: banks differ in what they call the unit."""
    if original and booked:
        for rate in rates:
            converted = _EXACT.multiply(abs(original), rate)
            if abs(converted - abs(booked)) <= _NEARLY * abs(booked):
                return rate
    return rates[0] if rates else None


def _booked(leaves: Mapping[str, str], root: str, booked: Money) -> Decimal | None:
    """Return what the original amount became: the amount of its transaction, or of the entry."""
    for name in _AMOUNTS:
        if leaves.get(f"{root}AmtDtls.{name}.Amt@Ccy", "") == booked.currency:
            return parse_decimal(leaves.get(f"{root}AmtDtls.{name}.Amt", ""))
    return booked.amount
