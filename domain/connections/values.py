"""Words of connections."""

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
