"""Facts about previews that are made after they were asked for."""

from dataclasses import dataclass

from domain.shared.events import AuditResult, DomainEvent, ResourceType


@dataclass(frozen=True, kw_only=True)
class PreviewRequested(DomainEvent):
    """A file was taken, to be previewed later: its SHA-256, and its size in bytes."""

    name = "preview.requested"
    resource = ResourceType.IMPORT

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class PreviewRefused(DomainEvent):
    """The file cannot be imported, so there is no preview: the code of the error."""

    name = "preview.refused"
    resource = ResourceType.IMPORT
    result = AuditResult.FAILURE
    announced = False

    error: str


@dataclass(frozen=True, kw_only=True)
class PreviewViewed(DomainEvent):
    """A preview, or where it stands, was read."""

    name = "preview.viewed"
    resource = ResourceType.IMPORT
    announced = False
    repeats = True


@dataclass(frozen=True, kw_only=True)
class PreviewDeleted(DomainEvent):
    """A preview was deleted, made or not."""

    name = "preview.deleted"
    resource = ResourceType.IMPORT
    announced = False
