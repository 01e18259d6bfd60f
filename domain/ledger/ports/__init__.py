"""What the ledger needs from the outside. Everything is asked for with its owner."""

from domain.ledger.ports.accounts import AccountRepository
from domain.ledger.ports.balances import BalanceRepository
from domain.ledger.ports.changes import ChangeFeed, TransactionHistory
from domain.ledger.ports.csv_profiles import CsvProfileRepository, CsvSampler
from domain.ledger.ports.exports import LedgerSource, LedgerWriter
from domain.ledger.ports.holdings import HoldingRepository, NetWorthRepository
from domain.ledger.ports.imports import (
    FileArchive,
    ImportRepository,
    QuotaMeter,
    StatementReader,
)
from domain.ledger.ports.previews import PreviewRepository
from domain.ledger.ports.progress import ProgressBoard
from domain.ledger.ports.repetitions import Repetitions
from domain.ledger.ports.statements import StatementRepository
from domain.ledger.ports.transactions import TransactionFilter, TransactionRepository
from domain.ledger.ports.transfers import TransferRepository

__all__ = [
    "AccountRepository",
    "BalanceRepository",
    "ChangeFeed",
    "CsvProfileRepository",
    "CsvSampler",
    "FileArchive",
    "HoldingRepository",
    "ImportRepository",
    "LedgerSource",
    "LedgerWriter",
    "NetWorthRepository",
    "PreviewRepository",
    "ProgressBoard",
    "QuotaMeter",
    "Repetitions",
    "StatementReader",
    "StatementRepository",
    "TransactionFilter",
    "TransactionHistory",
    "TransactionRepository",
    "TransferRepository",
]
