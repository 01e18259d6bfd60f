"""What the ledger needs from the outside. Everything is asked for with its owner."""

from domain.ledger.ports.accounts import AccountRepository, BalanceRepository
from domain.ledger.ports.csv_profiles import CsvProfileRepository, CsvSampler
from domain.ledger.ports.imports import FileArchive, ImportRepository, StatementReader
from domain.ledger.ports.transactions import TransactionFilter, TransactionRepository

__all__ = [
    "AccountRepository",
    "BalanceRepository",
    "CsvProfileRepository",
    "CsvSampler",
    "FileArchive",
    "ImportRepository",
    "StatementReader",
    "TransactionFilter",
    "TransactionRepository",
]
