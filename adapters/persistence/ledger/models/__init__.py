"""Tables of the ledger, with their constraints and indexes by name."""

from adapters.persistence.ledger.models.accounts import AccountAliasModel, AccountModel
from adapters.persistence.ledger.models.balances import BalanceModel
from adapters.persistence.ledger.models.holdings import HoldingModel, SecurityModel
from adapters.persistence.ledger.models.imports import (
    CsvProfileModel,
    FileModel,
    ImportModel,
    PreviewModel,
    ProgressModel,
    StatementModel,
)
from adapters.persistence.ledger.models.owned import FeedPosition
from adapters.persistence.ledger.models.transactions import (
    KEPT,
    STATED,
    ImportedRowModel,
    PriorStateModel,
    TransactionModel,
    TransactionVersionModel,
    TransferModel,
)

__all__ = [
    "KEPT",
    "STATED",
    "AccountAliasModel",
    "AccountModel",
    "BalanceModel",
    "CsvProfileModel",
    "FeedPosition",
    "FileModel",
    "HoldingModel",
    "ImportModel",
    "ImportedRowModel",
    "PreviewModel",
    "PriorStateModel",
    "ProgressModel",
    "SecurityModel",
    "StatementModel",
    "TransactionModel",
    "TransactionVersionModel",
    "TransferModel",
]
