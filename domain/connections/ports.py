"""The ports of connections."""

from typing import Protocol

from domain.connections.entities import Connection
from domain.connections.errors import AlreadyConnected, ConnectionNotFound, CredentialsNotFound
from domain.connections.values import Credentials, ProviderSlug
from domain.shared.errors import Unavailable
from domain.shared.ids import ConnectionId, UserId
from domain.shared.result import Result


class ConnectionRepository(Protocol):
    """All connections; one for each user, provider and institution."""

    async def find(
        self, *, owner: UserId, provider: ProviderSlug, institution: str
    ) -> Result[Connection, ConnectionNotFound | Unavailable]: ...

    async def add(self, connection: Connection) -> Result[None, AlreadyConnected | Unavailable]: ...


class CredentialVault(Protocol):
    """The credentials of connections, stored encrypted."""

    async def store(
        self, connection_id: ConnectionId, credentials: Credentials, *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Store credentials, and replace those that were stored before."""

    async def reveal(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Credentials, CredentialsNotFound | Unavailable]: ...


class KeyRotation(Protocol):
    """Everything that is stored encrypted."""

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Re-encrypt a user's secrets and files with the key in use; return how many these were."""
