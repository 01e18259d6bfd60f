"""The vault in memory."""

from domain.connections.errors import CredentialsNotFound
from domain.connections.values import Credentials
from domain.shared.errors import Unavailable
from domain.shared.ids import ConnectionId, UserId
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store


class InMemoryCredentialVault:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def store(
        self, connection_id: ConnectionId, credentials: Credentials, *, owner: UserId
    ) -> Result[None, Unavailable]:
        self._store.credentials[connection_id, owner] = credentials
        return Success(None)

    async def reveal(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Credentials, CredentialsNotFound | Unavailable]:
        found = self._store.credentials.get((connection_id, owner))
        if found is None:
            return Failure(CredentialsNotFound("There are no credentials for this connection."))
        return Success(found)


class InMemoryKeyRotation:
    """There is one key."""

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        return Success(0)
