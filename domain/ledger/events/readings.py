"""What was read of the ledger, and by whom: audited, and announced to nobody."""

from dataclasses import dataclass

from domain.shared.events import DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class StatementPreviewed(DomainEvent):
    """A person asked what would become of a file."""

    name = "statement.previewed"
    resource = ResourceType.IMPORT
    announced = False

    format: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ImportsViewed(DomainEvent):
    """A page of a person's imports was read."""

    name = "imports.viewed"
    resource = ResourceType.IMPORT
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class ImportViewed(DomainEvent):
    """What became of a file was read."""

    name = "import.viewed"
    resource = ResourceType.IMPORT
    announced = False
    repeats = True


@dataclass(frozen=True, kw_only=True)
class ImportRowsViewed(DomainEvent):
    """A page of the rows of a file, and what became of each, was read."""

    name = "import_rows.viewed"
    resource = ResourceType.IMPORT
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class AccountsViewed(DomainEvent):
    """A person's accounts and balances were read."""

    name = "accounts.viewed"
    resource = ResourceType.ACCOUNT
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class AccountViewed(DomainEvent):
    """One account and its balance were read."""

    name = "account.viewed"
    resource = ResourceType.ACCOUNT
    announced = False
    repeats = True


@dataclass(frozen=True, kw_only=True)
class BalancesViewed(DomainEvent):
    """The balances of an account were read."""

    name = "balances.viewed"
    resource = ResourceType.ACCOUNT
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class StatementsViewed(DomainEvent):
    """A page of the statements of an account was read."""

    name = "statements.viewed"
    resource = ResourceType.ACCOUNT
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class HoldingsViewed(DomainEvent):
    """A page of what an account, or all accounts of a person, held was read."""

    name = "holdings.viewed"
    resource = ResourceType.ACCOUNT
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class ContinuityViewed(DomainEvent):
    """It was read whether the statements of an account follow one another, and what is missing."""

    name = "continuity.viewed"
    resource = ResourceType.ACCOUNT
    announced = False
    repeats = True

    gaps: int
    overlaps: int
    failing: int


@dataclass(frozen=True, kw_only=True)
class NetWorthViewed(DomainEvent):
    """What all accounts of a person came to was read, for so many days."""

    name = "net_worth.viewed"
    resource = ResourceType.ACCOUNT
    announced = False
    repeats = True

    days: int


@dataclass(frozen=True, kw_only=True)
class TransactionsViewed(DomainEvent):
    """A page of an account's transactions was read."""

    name = "transactions.viewed"
    resource = ResourceType.ACCOUNT
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class TransactionViewed(DomainEvent):
    """One transaction was read."""

    name = "transaction.viewed"
    resource = ResourceType.TRANSACTION
    announced = False
    repeats = True


@dataclass(frozen=True, kw_only=True)
class LedgerExported(DomainEvent):
    """A person's ledger, or one account of it, was written into a file: so many transactions."""

    name = "ledger.exported"
    resource = ResourceType.ACCOUNT
    announced = False

    format: str
    count: int


@dataclass(frozen=True, kw_only=True)
class TransfersViewed(DomainEvent):
    """A page of a person's transfers was read, or of pairs that may be some."""

    name = "transfers.viewed"
    resource = ResourceType.TRANSFER
    announced = False
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class TransferViewed(DomainEvent):
    """One transfer was read."""

    name = "transfer.viewed"
    resource = ResourceType.TRANSFER
    announced = False
    repeats = True


@dataclass(frozen=True, kw_only=True)
class ChangesViewed(DomainEvent):
    """A page of the changes of a person's ledger was read."""

    name = "changes.viewed"
    resource = ResourceType.ACCOUNT
    announced = False
    repeats = True

    count: int
