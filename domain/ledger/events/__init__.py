"""Facts about the ledger."""

from domain.ledger.events.accounts import (
    AccountAdded,
)
from domain.ledger.events.imports import (
    ImportUndone,
    StatementImported,
    StatementReceived,
    StatementRefused,
)
from domain.ledger.events.previews import (
    PreviewDeleted,
    PreviewRefused,
    PreviewRequested,
    PreviewViewed,
)
from domain.ledger.events.profiles import (
    CsvProfileChanged,
    CsvProfileDeleted,
    CsvProfileDetected,
    CsvProfileSaved,
    CsvProfilesViewed,
    CsvProfileViewed,
)
from domain.ledger.events.readings import (
    AccountsViewed,
    AccountViewed,
    BalancesViewed,
    ChangesViewed,
    ContinuityViewed,
    HoldingsViewed,
    ImportRowsViewed,
    ImportsViewed,
    ImportViewed,
    LedgerExported,
    NetWorthViewed,
    StatementPreviewed,
    StatementsViewed,
    TransactionsViewed,
    TransactionViewed,
    TransfersViewed,
    TransferViewed,
)
from domain.ledger.events.transactions import (
    TransactionDeleted,
    TransactionEdited,
    TransferDecided,
    TransferWithdrawn,
)

__all__ = [
    "AccountAdded",
    "AccountViewed",
    "AccountsViewed",
    "BalancesViewed",
    "ChangesViewed",
    "ContinuityViewed",
    "CsvProfileChanged",
    "CsvProfileDeleted",
    "CsvProfileDetected",
    "CsvProfileSaved",
    "CsvProfileViewed",
    "CsvProfilesViewed",
    "HoldingsViewed",
    "ImportRowsViewed",
    "ImportUndone",
    "ImportViewed",
    "ImportsViewed",
    "LedgerExported",
    "NetWorthViewed",
    "PreviewDeleted",
    "PreviewRefused",
    "PreviewRequested",
    "PreviewViewed",
    "StatementImported",
    "StatementPreviewed",
    "StatementReceived",
    "StatementRefused",
    "StatementsViewed",
    "TransactionDeleted",
    "TransactionEdited",
    "TransactionViewed",
    "TransactionsViewed",
    "TransferDecided",
    "TransferViewed",
    "TransferWithdrawn",
    "TransfersViewed",
]
