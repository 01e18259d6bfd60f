"""Events of the ledger, to which something reacts."""

from dataclasses import dataclass

from domain.shared.events import AuditResult, DomainEvent, ResourceType
from domain.shared.ids import AccountId, ConnectionId, TransactionId


@dataclass(frozen=True, kw_only=True)
class AccountAdded(DomainEvent):
    """An account was added to a user's ledger."""

    name = "account.added"
    resource = ResourceType.ACCOUNT

    connection_id: ConnectionId


@dataclass(frozen=True, kw_only=True)
class StatementImported(DomainEvent):
    """A statement file was imported: the number of rows by result."""

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
    """A file was accepted, to be imported later: its SHA-256, and its size in bytes."""

    name = "statement.received"
    resource = ResourceType.IMPORT

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class StatementRefused(DomainEvent):
    """A file that was accepted could not be imported: the code of the error."""

    name = "statement.refused"
    resource = ResourceType.IMPORT
    result = AuditResult.FAILURE

    error: str


@dataclass(frozen=True, kw_only=True)
class ImportUndone(DomainEvent):
    """An import was undone: the number of transactions removed, and of those restored."""

    name = "import.undone"
    resource = ResourceType.IMPORT

    removed: int
    restored: int


@dataclass(frozen=True, kw_only=True)
class LedgerUnbalanced(DomainEvent):
    """The transactions of an account do not make the difference of two balances any more."""

    name = "ledger.unbalanced"
    resource = ResourceType.ACCOUNT


@dataclass(frozen=True, kw_only=True)
class PreviewRequested(DomainEvent):
    """A file was accepted, to be previewed later: its SHA-256, and its size in bytes."""

    name = "preview.requested"
    resource = ResourceType.IMPORT

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class CsvProfileSaved(DomainEvent):
    """A user saved a CSV profile."""

    name = "csv_profile.saved"
    resource = ResourceType.CSV_PROFILE


@dataclass(frozen=True, kw_only=True)
class CsvProfileChanged(DomainEvent):
    """A user changed a CSV profile, or renamed it."""

    name = "csv_profile.changed"
    resource = ResourceType.CSV_PROFILE


@dataclass(frozen=True, kw_only=True)
class CsvProfileDeleted(DomainEvent):
    """A user deleted a CSV profile."""

    name = "csv_profile.deleted"
    resource = ResourceType.CSV_PROFILE


@dataclass(frozen=True, kw_only=True)
class OpeningBalanceStated(DomainEvent):
    """A user set the opening balance of an account, or replaced it."""

    name = "opening_balance.stated"
    resource = ResourceType.ACCOUNT


@dataclass(frozen=True, kw_only=True)
class OpeningBalanceRemoved(DomainEvent):
    """A user removed the opening balance of an account."""

    name = "opening_balance.removed"
    resource = ResourceType.ACCOUNT


@dataclass(frozen=True, kw_only=True)
class TransactionAdded(DomainEvent):
    """A user wrote a transaction by hand."""

    name = "transaction.added"
    resource = ResourceType.TRANSACTION


@dataclass(frozen=True, kw_only=True)
class TransactionEdited(DomainEvent):
    """A user changed a transaction: the names of the fields."""

    name = "transaction.edited"
    resource = ResourceType.TRANSACTION

    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TransactionsEdited(DomainEvent):
    """A user changed the note or category of several transactions to the same text."""

    name = "transactions.edited"
    resource = ResourceType.TRANSACTION

    transaction_ids: tuple[TransactionId, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TransactionDeleted(DomainEvent):
    """A user deleted a transaction."""

    name = "transaction.deleted"
    resource = ResourceType.TRANSACTION


@dataclass(frozen=True, kw_only=True)
class TransactionRestored(DomainEvent):
    """A user restored a transaction that they had deleted."""

    name = "transaction.restored"
    resource = ResourceType.TRANSACTION


@dataclass(frozen=True, kw_only=True)
class ConflictDecided(DomainEvent):
    """A user decided which of two transactions stays; its subject is the one that was added."""

    name = "conflict.decided"
    resource = ResourceType.TRANSACTION

    decision: str
    existing_id: TransactionId


@dataclass(frozen=True, kw_only=True)
class TransferDecided(DomainEvent):
    """A user confirmed that two transactions are a transfer, or refused it."""

    name = "transfer.decided"
    resource = ResourceType.TRANSFER

    decision: str
    outgoing_id: TransactionId
    incoming_id: TransactionId


@dataclass(frozen=True, kw_only=True)
class TransferWithdrawn(DomainEvent):
    """A decision about a transfer was withdrawn, or replaced by another one."""

    name = "transfer.withdrawn"
    resource = ResourceType.TRANSFER


@dataclass(frozen=True, kw_only=True)
class MatchDecided(DomainEvent):
    """A user confirmed that two transactions are the same, or refused it."""

    name = "match.decided"
    resource = ResourceType.MATCH

    decision: str
    added_id: TransactionId
    existing_id: TransactionId
