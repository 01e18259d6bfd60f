"""Words of connections."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

ProviderSlug = NewType("ProviderSlug", str)

#: The provider of everything that a person brings as a file.
STATEMENT_FILES = ProviderSlug("statement-files")


class ConnectionStatus(StrEnum):
    """Where a connection stands in its life."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens a person's accounts at an institution. It is never shown, logged or compared."""

    secret: bytes = field(repr=False)
