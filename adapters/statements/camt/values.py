"""Dates and amounts as ISO 20022 writes them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from domain.shared.money import parse_decimal

Leaves = Mapping[str, str]


def day_of(leaves: Leaves, name: str) -> date | None:
    """Return the date of an element that holds a date, or a date and a time."""
    return as_day(leaves.get(f"{name}.Dt") or leaves.get(f"{name}.DtTm") or leaves.get(name, ""))


def as_day(text: str) -> date | None:
    """Return the date as it is written, whatever time and zone stand behind it."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def signed(leaves: Leaves) -> Decimal | str:
    """Return the amount, negative for a debit.

    `CdtDbtInd` tells the direction of the entry itself, also where `RvslInd` tells that it takes
    another one back.
    """
    amount = parse_decimal(leaves.get("Amt", ""))
    if amount is None:
        return "the amount is not a number"
    direction = leaves.get("CdtDbtInd")
    if direction not in ("CRDT", "DBIT"):
        return "neither credit nor debit"
    return amount if direction == "CRDT" else -amount
