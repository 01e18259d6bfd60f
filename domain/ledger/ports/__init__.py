"""The ports of the ledger. Every call names the owner of the rows."""

from domain.ledger.ports.accounts import (
    AccountRepository,
    BalanceRepository,
    HoldingRepository,
    NetWorthRepository,
    ReconciliationRepository,
    StatementRepository,
)
from domain.ledger.ports.balances import DailyBalanceRepository
from domain.ledger.ports.exchange_rates import ExchangeRateRepository, RateReader
from domain.ledger.ports.imports import (
    CsvProfileRepository,
    CsvSampler,
    FileArchive,
    ImportCopies,
    ImportProgressStore,
    ImportRepository,
    PreviewRepository,
    QuotaMeter,
    StatementReader,
)
from domain.ledger.ports.transactions import (
    ChangeFeed,
    LedgerSource,
    LedgerWriter,
    ListedTransaction,
    MatchRepository,
    TransactionFilter,
    TransactionHistory,
    TransactionRepository,
    TransferRepository,
)

__all__ = [
    "AccountRepository",
    "BalanceRepository",
    "ChangeFeed",
    "CsvProfileRepository",
    "CsvSampler",
    "DailyBalanceRepository",
    "ExchangeRateRepository",
    "FileArchive",
    "HoldingRepository",
    "ImportCopies",
    "ImportProgressStore",
    "ImportRepository",
    "LedgerSource",
    "LedgerWriter",
    "ListedTransaction",
    "MatchRepository",
    "NetWorthRepository",
    "PreviewRepository",
    "QuotaMeter",
    "RateReader",
    "ReconciliationRepository",
    "StatementReader",
    "StatementRepository",
    "TransactionFilter",
    "TransactionHistory",
    "TransactionRepository",
    "TransferRepository",
]
