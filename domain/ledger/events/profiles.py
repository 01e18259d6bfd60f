"""Facts about profiles of CSV files."""

from dataclasses import dataclass

from domain.shared.events import DomainEvent, ResourceType


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
    repeats = True

    count: int


@dataclass(frozen=True, kw_only=True)
class CsvProfileViewed(DomainEvent):
    """One profile was read."""

    name = "csv_profile.viewed"
    resource = ResourceType.CSV_PROFILE
    announced = False
    repeats = True


@dataclass(frozen=True, kw_only=True)
class CsvProfileDetected(DomainEvent):
    """A person asked how a file is written; it may have left something open."""

    name = "csv_profile.detected"
    resource = ResourceType.CSV_PROFILE
    announced = False

    open: bool
