"""What sort of movement an entry is: ISO 20022 external bank transaction codes."""

from collections.abc import Mapping

from domain.ledger.values import TransactionKind

# By family, and within a family by sub-family where that says more.
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


def kind_of(leaves: Mapping[str, str], *, is_credit: bool) -> TransactionKind:
    """Return the kind, by the entry's code; without one that says it, credit or debit."""
    family = leaves.get("BkTxCd.Domn.Fmly.Cd", "")
    sub_family = leaves.get("BkTxCd.Domn.Fmly.SubFmlyCd", "")
    told = SUB_FAMILIES.get(sub_family) or FAMILIES.get(family)
    return told or (TransactionKind.CREDIT if is_credit else TransactionKind.DEBIT)
