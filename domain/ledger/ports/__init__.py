"""The ports of the ledger. Every call names the owner of the rows."""

from domain.ledger.listing import TransactionFilter
from domain.ledger.ports.accounts import (
    AccountRepository,
    BalanceRepository,
    FreshnessRepository,
    HoldingRepository,
    NetWorthRepository,
    ReconciliationRepository,
    StatementRepository,
)
from domain.ledger.ports.balances import DailyBalanceRepository
from domain.ledger.ports.by_hand import EntriesByHand
from domain.ledger.ports.categories import CategoryRepository
from domain.ledger.ports.conflicts import ConflictRepository
from domain.ledger.ports.deletions import DeletedTransactions
from domain.ledger.ports.exchange_rates import ExchangeRateRepository, RateReader
from domain.ledger.ports.imports import (
    CsvProfileRepository,
    CsvSampler,
    FileArchive,
    ImportProgressStore,
    ImportRepository,
    PreviewRepository,
    QuotaMeter,
    StatementReader,
)
from domain.ledger.ports.merges import MergeRepository
from domain.ledger.ports.rules import RuleApplicationRepository, RuleRepository
from domain.ledger.ports.transactions import (
    ChangeFeed,
    LedgerSource,
    LedgerWriter,
    ListedTransaction,
    MatchRepository,
    TransactionHistory,
    TransactionRepository,
    TransferRepository,
)

__all__ = [
    "AccountRepository",
    "BalanceRepository",
    "CategoryRepository",
    "ChangeFeed",
    "ConflictRepository",
    "CsvProfileRepository",
    "CsvSampler",
    "DailyBalanceRepository",
    "DeletedTransactions",
    "EntriesByHand",
    "ExchangeRateRepository",
    "FileArchive",
    "FreshnessRepository",
    "HoldingRepository",
    "ImportProgressStore",
    "ImportRepository",
    "LedgerSource",
    "LedgerWriter",
    "ListedTransaction",
    "MatchRepository",
    "MergeRepository",
    "NetWorthRepository",
    "PreviewRepository",
    "QuotaMeter",
    "RateReader",
    "ReconciliationRepository",
    "RuleApplicationRepository",
    "RuleRepository",
    "StatementReader",
    "StatementRepository",
    "TransactionFilter",
    "TransactionHistory",
    "TransactionRepository",
    "TransferRepository",
]
