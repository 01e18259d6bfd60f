"""What banks call the sorts of movements in their columns."""

from domain.ledger.values import TransactionKind

#: Names in the form that `plain` gives them.
KINDS = {
    **dict.fromkeys(["fee", "fees", "gebuhr", "gebuhren", "frais"], TransactionKind.FEE),
    **dict.fromkeys(["interest", "zins", "zinsen", "interets"], TransactionKind.INTEREST),
    **dict.fromkeys(["dividend", "dividende"], TransactionKind.DIVIDEND),
    **dict.fromkeys(["atm", "geldautomat", "geldautomatauszahlung"], TransactionKind.ATM),
    **dict.fromkeys(["check", "cheque", "scheck"], TransactionKind.CHECK),
    **dict.fromkeys(["deposit", "einzahlung"], TransactionKind.DEPOSIT),
    **dict.fromkeys(["pos", "card payment", "kartenzahlung"], TransactionKind.POINT_OF_SALE),
    **dict.fromkeys(["direct debit", "lastschrift", "dd"], TransactionKind.DIRECT_DEBIT),
    **dict.fromkeys(["standing order", "dauerauftrag", "so"], TransactionKind.REPEATING_PAYMENT),
    **dict.fromkeys(
        ["transfer", "uberweisung", "virement", "bank transfer"], TransactionKind.TRANSFER
    ),
}
