"""The ledger kept in PostgreSQL."""

from adapters.persistence.ledger.repositories.accounts import DjangoAccountRepository
from adapters.persistence.ledger.repositories.balances import DjangoBalanceRepository
from adapters.persistence.ledger.repositories.files import (
    SealedFileArchive,
    owners_of_files_to_rotate,
)
from adapters.persistence.ledger.repositories.imports import DjangoImportRepository
from adapters.persistence.ledger.repositories.progress import DjangoProgressBoard
from adapters.persistence.ledger.repositories.transactions import DjangoTransactionRepository

__all__ = [
    "DjangoAccountRepository",
    "DjangoBalanceRepository",
    "DjangoImportRepository",
    "DjangoProgressBoard",
    "DjangoTransactionRepository",
    "SealedFileArchive",
    "owners_of_files_to_rotate",
]
