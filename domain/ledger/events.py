"""Events of the ledger: what others react to, or are told of."""

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
    """A file was read into the ledger: rows by result."""

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
class PreviewRequested(DomainEvent):
    """A file was taken, to be previewed later: its SHA-256, and its size in bytes."""

    name = "preview.requested"
    resource = ResourceType.IMPORT

    sha256: str
    size: int


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
