"""What connections need from the outside."""

from typing import Protocol

from domain.connections.entities import Connection
from domain.connections.errors import AlreadyConnected, ConnectionNotFound
from domain.connections.values import ProviderSlug
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result


class ConnectionRepository(Protocol):
    """All connections; one for each person, provider and institution."""

    async def find(
        self, *, owner: UserId, provider: ProviderSlug, institution: str
    ) -> Result[Connection, ConnectionNotFound | Unavailable]: ...

    async def add(self, connection: Connection) -> Result[None, AlreadyConnected | Unavailable]: ...
