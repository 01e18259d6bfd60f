"""The vault in memory."""

from domain.connections.errors import CredentialsNotFound
from domain.connections.values import Credentials
from domain.shared.errors import Unavailable
from domain.shared.ids import ConnectionId, UserId
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store


class InMemoryCredentialVault:
    def __init__(self, store: Store, key_id: str = "k1") -> None:
        self._store = store
        self.key_id = key_id

    async def store(
        self, connection_id: ConnectionId, credentials: Credentials, *, owner: UserId
    ) -> Result[None, Unavailable]:
        self._store.credentials[connection_id, owner] = credentials, self.key_id
        return Success(None)

    async def reveal(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Credentials, CredentialsNotFound | Unavailable]:
        found = self._store.credentials.get((connection_id, owner))
        if found is None:
            return Failure(CredentialsNotFound("There are no credentials for this connection."))
        return Success(found[0])

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        older = [
            (key, stored)
            for key, (stored, key_id) in self._store.credentials.items()
            if key[1] == owner and key_id != self.key_id
        ]
        self._store.credentials.update({key: (stored, self.key_id) for key, stored in older})
        return Success(len(older))
