"""What every implementation of the ports of connections must do."""

from domain.connections.errors import AlreadyConnected, ConnectionNotFound, CredentialsNotFound
from domain.connections.values import STATEMENT_FILES, Credentials
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import make_connection, make_preview, make_second_factor


class ConnectionRepositoryContract:
    async def test_finds_what_was_added(self, world: World) -> None:
        connection = await world.connection(await world.user())

        found = await world.connections.find(
            owner=connection.user_id, provider=STATEMENT_FILES, institution="Northbank"
        )

        assert found == Success(connection)

    async def test_finds_nothing_of_another_user(self, world: World) -> None:
        await world.connection(await world.user())
        stranger = await world.user("eve@example.org")

        found = await world.connections.find(
            owner=stranger.id, provider=STATEMENT_FILES, institution="Northbank"
        )

        assert found == Failure(ConnectionNotFound("No such connection."))

    async def test_stores_one_per_institution(self, world: World) -> None:
        user = await world.user()
        await world.connection(user)

        repeated = await world.connections.add(make_connection(user.id))

        assert repeated == Failure(
            AlreadyConnected("You are already connected to this institution.")
        )
        assert await world.connections.add(make_connection(user.id, "Southbank")) == Success(None)


SECRET = Credentials(b"user and password at the bank")


class CredentialVaultContract:
    async def test_reveals_what_was_stored(self, world: World) -> None:
        connection = await world.connection(await world.user())
        owner = connection.user_id

        assert await world.vault.store(connection.id, SECRET, owner=owner) == Success(None)

        assert await world.vault.reveal(connection.id, owner=owner) == Success(SECRET)

    async def test_stores_the_latest(self, world: World) -> None:
        connection = await world.connection(await world.user())
        owner, newer = connection.user_id, Credentials(b"a new password")
        await world.vault.store(connection.id, SECRET, owner=owner)

        await world.vault.store(connection.id, newer, owner=owner)

        assert await world.vault.reveal(connection.id, owner=owner) == Success(newer)

    async def test_reveals_nothing_to_another_user(self, world: World) -> None:
        connection = await world.connection(await world.user())
        await world.vault.store(connection.id, SECRET, owner=connection.user_id)
        stranger = await world.user("eve@example.org")

        found = await world.vault.reveal(connection.id, owner=stranger.id)

        nothing = CredentialsNotFound("There are no credentials for this connection.")
        assert found == Failure(nothing)

    async def test_rewraps_nothing_under_the_current_key(self, world: World) -> None:
        connection = await world.connection(await world.user())
        owner = connection.user_id
        await world.vault.store(connection.id, SECRET, owner=owner)
        await world.files.store(b"hers", digest=b"d" * 32, owner=owner)
        await world.previews.add(make_preview(owner), b"march")
        await world.second_factors.upsert(make_second_factor(owner))

        assert await world.key_rotation.rewrap(owner=owner) == Success(0)

    def test_repr_hides_credentials(self) -> None:
        assert "password" not in repr(SECRET)
