"""What every implementation of the ports of connections must do."""

from domain.connections.errors import AlreadyConnected, ConnectionNotFound
from domain.connections.values import STATEMENT_FILES
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import make_connection


class ConnectionRepositoryContract:
    async def test_finds_what_was_added(self, world: World) -> None:
        connection = await world.connection(await world.user())

        found = await world.connections.find(
            owner=connection.user_id, provider=STATEMENT_FILES, institution="Northbank"
        )

        assert found == Success(connection)

    async def test_finds_nothing_of_someone_else(self, world: World) -> None:
        await world.connection(await world.user())
        stranger = await world.user("eve@example.org")

        found = await world.connections.find(
            owner=stranger.id, provider=STATEMENT_FILES, institution="Northbank"
        )

        assert found == Failure(ConnectionNotFound("No such connection."))

    async def test_keeps_one_for_each_institution(self, world: World) -> None:
        user = await world.user()
        await world.connection(user)

        again = await world.connections.add(make_connection(user.id))

        assert again == Failure(AlreadyConnected("There is a connection to this institution."))
        assert await world.connections.add(make_connection(user.id, "Southbank")) == Success(None)
