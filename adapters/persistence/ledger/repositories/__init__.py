"""The ledger kept in PostgreSQL."""

from adapters.persistence.ledger.repositories.accounts import DjangoAccountRepository
from adapters.persistence.ledger.repositories.balances import DjangoBalanceRepository
from adapters.persistence.ledger.repositories.csv_profiles import DjangoCsvProfileRepository
from adapters.persistence.ledger.repositories.files import (
    SealedFileArchive,
    owners_of_files_to_rotate,
)
from adapters.persistence.ledger.repositories.imports import DjangoImportRepository
from adapters.persistence.ledger.repositories.transactions import DjangoTransactionRepository

__all__ = [
    "DjangoAccountRepository",
    "DjangoBalanceRepository",
    "DjangoCsvProfileRepository",
    "DjangoImportRepository",
    "DjangoTransactionRepository",
    "SealedFileArchive",
    "owners_of_files_to_rotate",
]
