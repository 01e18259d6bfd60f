"""Tables of the ledger, with their constraints and indexes by name."""

from adapters.persistence.ledger.models.categories import (
    CategoryModel,
    CategoryVersionModel,
    ImportedCategoryModel,
)
from adapters.persistence.ledger.models.imports import (
    AccountAliasModel,
    AccountModel,
    CsvProfileModel,
    FeedPosition,
    FileModel,
    ImportModel,
    Moment,
    PreviewModel,
    ProgressModel,
    StatementModel,
)
from adapters.persistence.ledger.models.transactions import (
    KEPT,
    STATED,
    BalanceModel,
    HoldingModel,
    ImportedRowsModel,
    MatchModel,
    PriorStateModel,
    SecurityModel,
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
    "CategoryModel",
    "CategoryVersionModel",
    "CsvProfileModel",
    "FeedPosition",
    "FileModel",
    "HoldingModel",
    "ImportModel",
    "ImportedCategoryModel",
    "ImportedRowsModel",
    "MatchModel",
    "Moment",
    "PreviewModel",
    "PriorStateModel",
    "ProgressModel",
    "SecurityModel",
    "StatementModel",
    "TransactionModel",
    "TransactionVersionModel",
    "TransferModel",
]
