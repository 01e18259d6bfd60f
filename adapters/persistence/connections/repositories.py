"""Connections in PostgreSQL."""

from adapters.persistence.connections.models import ConnectionModel
from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.insert import insert_unless_taken
from adapters.persistence.mapping import columns_of, entity_of
from domain.connections.entities import Connection
from domain.connections.errors import AlreadyConnected, ConnectionNotFound
from domain.connections.values import ProviderSlug
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success


class DjangoConnectionRepository(UsesDatabase):
    """`ConnectionRepository` on the Django ORM."""

    @in_database
    def find(
        self, *, owner: UserId, provider: ProviderSlug, institution: str
    ) -> Result[Connection, ConnectionNotFound]:
        row = ConnectionModel.objects.filter(
            user_id=owner, provider=provider, institution=institution
        ).first()
        if row is None:
            return Failure(ConnectionNotFound("No such connection."))
        return Success(entity_of(Connection, row))

    @in_database
    def add(self, connection: Connection) -> Result[None, AlreadyConnected]:
        row = ConnectionModel(**columns_of(connection))
        if insert_unless_taken(row, "connections_connection_unique"):
            return Success(None)
        return Failure(AlreadyConnected("You are already connected to this institution."))
