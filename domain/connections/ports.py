"""What connections need from the outside."""

from typing import Protocol

from domain.connections.entities import Connection
from domain.connections.errors import AlreadyConnected, ConnectionNotFound, CredentialsNotFound
from domain.connections.values import Credentials, ProviderSlug
from domain.shared.errors import Unavailable
from domain.shared.ids import ConnectionId, UserId
from domain.shared.result import Result


class ConnectionRepository(Protocol):
    """All connections; one for each person, provider and institution."""

    async def find(
        self, *, owner: UserId, provider: ProviderSlug, institution: str
    ) -> Result[Connection, ConnectionNotFound | Unavailable]: ...

    async def add(self, connection: Connection) -> Result[None, AlreadyConnected | Unavailable]: ...


class CredentialVault(Protocol):
    """Credentials for connections, sealed."""

    async def store(
        self, connection_id: ConnectionId, credentials: Credentials, *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Keep these, in the place of those that were kept before."""

    async def reveal(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Credentials, CredentialsNotFound | Unavailable]: ...

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Put all that are under an older key under the one in use; return how many that were."""
