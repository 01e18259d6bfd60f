"""Facts about files that were brought in."""

from dataclasses import dataclass

from domain.shared.events import AuditResult, DomainEvent, ResourceType
from domain.shared.ids import AccountId


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
