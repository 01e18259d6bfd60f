"""Facts about the ledger."""

from dataclasses import dataclass

from domain.shared.events import AuditResult, DomainEvent, ResourceType
from domain.shared.ids import AccountId, ConnectionId, TransactionId


@dataclass(frozen=True, kw_only=True)
class AccountAdded(DomainEvent):
    """An account appeared in a person's ledger."""

    name = "account.added"
    resource = ResourceType.ACCOUNT

    connection_id: ConnectionId


@dataclass(frozen=True, kw_only=True)
class StatementImported(DomainEvent):
    """A file was read into the ledger: rows by verdict."""

    name = "statement.imported"
    resource = ResourceType.IMPORT

    format: str
    sha256: str
    accounts: tuple[AccountId, ...]
    new: int
    same: int
    updates: int
    conflict: int
    deleted: int
    quarantined: int


@dataclass(frozen=True, kw_only=True)
class StatementReceived(DomainEvent):
    """A file was taken, to be brought in later: its SHA-256, and its size in bytes."""

    name = "statement.received"
    resource = ResourceType.IMPORT

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class StatementRefused(DomainEvent):
    """A file that was taken could not be brought in: the code of the error."""

    name = "statement.refused"
    resource = ResourceType.IMPORT
    result = AuditResult.FAILURE

    error: str


@dataclass(frozen=True, kw_only=True)
class ImportUndone(DomainEvent):
    """All that an import brought was taken back: what only it knew, and what it had changed."""

    name = "import.undone"
    resource = ResourceType.IMPORT

    removed: int
    restored: int


@dataclass(frozen=True, kw_only=True)
class FingerprintsAdded(DomainEvent):
    """Rows of an import are known by another scheme of fingerprints too: so many more."""

    name = "fingerprints.added"
    resource = ResourceType.IMPORT
    announced = False

    scheme: int
    count: int


@dataclass(frozen=True, kw_only=True)
class TransactionEdited(DomainEvent):
    """A person changed what is theirs of a transaction: the names of the fields."""

    name = "transaction.edited"
    resource = ResourceType.TRANSACTION

    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TransactionDeleted(DomainEvent):
    """A person took a transaction out of their ledger, for good."""

    name = "transaction.deleted"
    resource = ResourceType.TRANSACTION


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

    count: int


@dataclass(frozen=True, kw_only=True)
class ImportViewed(DomainEvent):
    """What became of a file was read."""

    name = "import.viewed"
    resource = ResourceType.IMPORT
    announced = False


@dataclass(frozen=True, kw_only=True)
class ImportRowsViewed(DomainEvent):
    """A page of the rows of a file, and what became of each, was read."""

    name = "import_rows.viewed"
    resource = ResourceType.IMPORT
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class AccountsViewed(DomainEvent):
    """A person's accounts and balances were read."""

    name = "accounts.viewed"
    resource = ResourceType.ACCOUNT
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class AccountViewed(DomainEvent):
    """One account and its balance were read."""

    name = "account.viewed"
    resource = ResourceType.ACCOUNT
    announced = False


@dataclass(frozen=True, kw_only=True)
class BalancesViewed(DomainEvent):
    """The balances of an account were read."""

    name = "balances.viewed"
    resource = ResourceType.ACCOUNT
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class StatementsViewed(DomainEvent):
    """A page of the statements of an account was read."""

    name = "statements.viewed"
    resource = ResourceType.ACCOUNT
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class HoldingsViewed(DomainEvent):
    """A page of what an account, or all accounts of a person, held was read."""

    name = "holdings.viewed"
    resource = ResourceType.ACCOUNT
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class ContinuityViewed(DomainEvent):
    """It was read whether the statements of an account follow one another, and what is missing."""

    name = "continuity.viewed"
    resource = ResourceType.ACCOUNT
    announced = False

    gaps: int
    overlaps: int
    failing: int


@dataclass(frozen=True, kw_only=True)
class NetWorthViewed(DomainEvent):
    """What all accounts of a person came to was read, for so many days."""

    name = "net_worth.viewed"
    resource = ResourceType.ACCOUNT
    announced = False

    days: int


@dataclass(frozen=True, kw_only=True)
class TransactionsViewed(DomainEvent):
    """A page of an account's transactions was read."""

    name = "transactions.viewed"
    resource = ResourceType.ACCOUNT
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class TransactionViewed(DomainEvent):
    """One transaction was read."""

    name = "transaction.viewed"
    resource = ResourceType.TRANSACTION
    announced = False


@dataclass(frozen=True, kw_only=True)
class LedgerExported(DomainEvent):
    """A person's ledger, or one account of it, was written into a file: so many transactions."""

    name = "ledger.exported"
    resource = ResourceType.ACCOUNT
    announced = False

    format: str
    count: int


@dataclass(frozen=True, kw_only=True)
class TransferDecided(DomainEvent):
    """A person said of two transactions that they are one movement, or that they are not."""

    name = "transfer.decided"
    resource = ResourceType.TRANSFER

    decision: str
    outgoing_id: TransactionId
    incoming_id: TransactionId


@dataclass(frozen=True, kw_only=True)
class TransferWithdrawn(DomainEvent):
    """What was decided holds no longer: it was taken back, or another decision took its place."""

    name = "transfer.withdrawn"
    resource = ResourceType.TRANSFER


@dataclass(frozen=True, kw_only=True)
class TransfersViewed(DomainEvent):
    """A page of a person's transfers was read, or of pairs that may be some."""

    name = "transfers.viewed"
    resource = ResourceType.TRANSFER
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class TransferViewed(DomainEvent):
    """One transfer was read."""

    name = "transfer.viewed"
    resource = ResourceType.TRANSFER
    announced = False


@dataclass(frozen=True, kw_only=True)
class ChangesViewed(DomainEvent):
    """A page of the changes of a person's ledger was read."""

    name = "changes.viewed"
    resource = ResourceType.ACCOUNT
    announced = False

    count: int
