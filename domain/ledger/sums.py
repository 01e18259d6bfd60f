"""What some of several amounts may come to."""

from collections.abc import Iterable
from decimal import Decimal

#: Of more amounts, only all or none of them are added up.
MOST_SUMMED = 12


def sums_of_some(amounts: Iterable[Decimal]) -> set[Decimal]:
    """Return what some of these amounts may come to, or none of them."""
    amounts = list(amounts)
    sums = {Decimal(0)}
    if len(amounts) > MOST_SUMMED:
        return sums | {sum(amounts, Decimal(0))}
    for amount in amounts:
        sums |= {each + amount for each in sums}
    return sums
