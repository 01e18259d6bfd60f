"""The ledger kept in PostgreSQL."""

from adapters.persistence.ledger.repositories.accounts import DjangoAccountRepository
from adapters.persistence.ledger.repositories.balances import DjangoBalanceRepository
from adapters.persistence.ledger.repositories.changes import PostgresChangeFeed
from adapters.persistence.ledger.repositories.csv_profiles import DjangoCsvProfileRepository
from adapters.persistence.ledger.repositories.exports import DjangoLedgerSource
from adapters.persistence.ledger.repositories.files import (
    SealedFileArchive,
    content_of,
    owners_of_files_to_rotate,
)
from adapters.persistence.ledger.repositories.history import DjangoTransactionHistory
from adapters.persistence.ledger.repositories.holdings import DjangoHoldingRepository
from adapters.persistence.ledger.repositories.imports import DjangoImportRepository
from adapters.persistence.ledger.repositories.long_transactions import allow_long_transaction
from adapters.persistence.ledger.repositories.net_worth import DjangoNetWorthRepository
from adapters.persistence.ledger.repositories.previews import (
    SealedPreviewRepository,
    owners_of_previews_to_rotate,
)
from adapters.persistence.ledger.repositories.progress import DjangoImportProgressStore
from adapters.persistence.ledger.repositories.quotas import PostgresQuotaMeter, lock_files
from adapters.persistence.ledger.repositories.repetitions import PostgresImportCopies
from adapters.persistence.ledger.repositories.statements import DjangoStatementRepository
from adapters.persistence.ledger.repositories.transactions import DjangoTransactionRepository
from adapters.persistence.ledger.repositories.transfers import DjangoTransferRepository

__all__ = [
    "DjangoAccountRepository",
    "DjangoBalanceRepository",
    "DjangoCsvProfileRepository",
    "DjangoHoldingRepository",
    "DjangoImportProgressStore",
    "DjangoImportRepository",
    "DjangoLedgerSource",
    "DjangoNetWorthRepository",
    "DjangoStatementRepository",
    "DjangoTransactionHistory",
    "DjangoTransactionRepository",
    "DjangoTransferRepository",
    "PostgresChangeFeed",
    "PostgresImportCopies",
    "PostgresQuotaMeter",
    "SealedFileArchive",
    "SealedPreviewRepository",
    "allow_long_transaction",
    "content_of",
    "lock_files",
    "owners_of_files_to_rotate",
    "owners_of_imports",
    "owners_of_previews_to_rotate",
]
