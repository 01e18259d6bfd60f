"""Values of connections."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

ProviderSlug = NewType("ProviderSlug", str)

#: The provider of everything that users upload as a file.
STATEMENT_FILES = ProviderSlug("statement-files")


class ConnectionStatus(StrEnum):
    """The state of a connection."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials for a user's accounts at an institution, never shown, logged or compared."""

    secret: bytes = field(repr=False)
