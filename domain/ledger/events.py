"""Facts about the ledger."""

from dataclasses import dataclass

from domain.shared.events import DomainEvent, ResourceType
from domain.shared.ids import AccountId, ConnectionId


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
class ImportUndone(DomainEvent):
    """All that an import brought was taken back: what only it knew, and what it had changed."""

    name = "import.undone"
    resource = ResourceType.IMPORT

    removed: int
    restored: int


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
class CsvProfileSaved(DomainEvent):
    """A person keeps how a bank writes its CSV files."""

    name = "csv_profile.saved"
    resource = ResourceType.CSV_PROFILE


@dataclass(frozen=True, kw_only=True)
class CsvProfileChanged(DomainEvent):
    """A person corrected a profile, or gave it another name."""

    name = "csv_profile.changed"
    resource = ResourceType.CSV_PROFILE


@dataclass(frozen=True, kw_only=True)
class CsvProfileDeleted(DomainEvent):
    """A person no longer keeps a profile."""

    name = "csv_profile.deleted"
    resource = ResourceType.CSV_PROFILE


@dataclass(frozen=True, kw_only=True)
class CsvProfilesViewed(DomainEvent):
    """A person's profiles were read."""

    name = "csv_profiles.viewed"
    resource = ResourceType.CSV_PROFILE
    announced = False

    count: int


@dataclass(frozen=True, kw_only=True)
class CsvProfileViewed(DomainEvent):
    """One profile was read."""

    name = "csv_profile.viewed"
    resource = ResourceType.CSV_PROFILE
    announced = False


@dataclass(frozen=True, kw_only=True)
class CsvProfileDetected(DomainEvent):
    """A person asked how a file is written; it may have left something open."""

    name = "csv_profile.detected"
    resource = ResourceType.CSV_PROFILE
    announced = False

    open: bool
