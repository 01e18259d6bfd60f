"""Connections in PostgreSQL."""

from typing import Any

from adapters.persistence.connections.models import ConnectionModel
from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.insert import insert_unless_taken
from domain.connections.entities import Connection
from domain.connections.errors import AlreadyConnected, ConnectionNotFound
from domain.connections.values import ConnectionStatus, ProviderSlug
from domain.shared.ids import ConnectionId, UserId
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
        return Success(_entity(row)) if row else Failure(ConnectionNotFound("No such connection."))

    @in_database
    def add(self, connection: Connection) -> Result[None, AlreadyConnected]:
        row = ConnectionModel(**_columns(connection))
        if insert_unless_taken(row, "connections_connection_unique"):
            return Success(None)
        return Failure(AlreadyConnected("You are already connected to this institution."))


def _entity(row: ConnectionModel) -> Connection:
    return Connection(
        id=ConnectionId(row.id),
        user_id=UserId(row.user_id),
        provider=ProviderSlug(row.provider),
        institution=row.institution,
        status=ConnectionStatus(row.status),
        established_at=row.established_at,
    )


def _columns(connection: Connection) -> dict[str, Any]:
    return {
        "id": connection.id,
        "user_id": connection.user_id,
        "provider": connection.provider,
        "institution": connection.institution,
        "status": connection.status,
        "established_at": connection.established_at,
    }
