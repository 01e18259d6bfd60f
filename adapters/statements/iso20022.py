"""Words of ISO 20022 that are the same in messages and in the APIs that follow it."""

from datetime import date

from domain.ledger.kinds import TransactionKind

FIRST_YEAR = 1900
# ISO 20022 external bank transaction codes. A sub-family is more specific than its family.
FAMILIES = {
    "RCDT": TransactionKind.TRANSFER,
    "ICDT": TransactionKind.TRANSFER,
    "RRCT": TransactionKind.TRANSFER,
    "IRCT": TransactionKind.TRANSFER,
    "RDDT": TransactionKind.DIRECT_DEBIT,
    "IDDT": TransactionKind.DIRECT_DEBIT,
    "RCHQ": TransactionKind.CHECK,
    "ICHQ": TransactionKind.CHECK,
    "CCRD": TransactionKind.POINT_OF_SALE,
    "MCRD": TransactionKind.POINT_OF_SALE,
    "CNTR": TransactionKind.CASH,
}
SUB_FAMILIES = {
    "CHRG": TransactionKind.FEE,
    "COMM": TransactionKind.FEE,
    "FEES": TransactionKind.FEE,
    "INTR": TransactionKind.INTEREST,
    "DVCA": TransactionKind.DIVIDEND,
    "CWDL": TransactionKind.ATM,
    "CDPT": TransactionKind.DEPOSIT,
    "SALA": TransactionKind.DIRECT_DEPOSIT,
}


def kind_of(*codes: str, is_credit: bool) -> TransactionKind:
    """Return the kind by the parts of a bank transaction code, else credit or debit."""
    for kinds in (SUB_FAMILIES, FAMILIES):
        found = next((kinds[code] for code in codes if code in kinds), None)
        if found:
            return found
    return TransactionKind.CREDIT if is_credit else TransactionKind.DEBIT


def as_day(text: str) -> date | None:
    """Return the date as written; the time and zone that may follow it are ignored.

    Some programs write the year 1 where they have no date.
    """
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if day.year >= FIRST_YEAR else None
