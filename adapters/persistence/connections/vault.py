"""Credentials in PostgreSQL, encrypted before they are stored."""

from typing import Never

from django.db import connection

from adapters.persistence.connections.models import CredentialModel
from adapters.persistence.database import in_database
from adapters.persistence.sealing import Sealing, context_in, context_of
from domain.connections.errors import CredentialsNotFound
from domain.connections.values import Credentials
from domain.shared.ids import ConnectionId, UserId, new_id
from domain.shared.result import Failure, Result, Success

_KEEP = """
INSERT INTO connections_credential (id, user_id, connection_id, sealed, key_id)
VALUES (%s, %s, %s, %s, %s)
"""


class DjangoCredentialVault(Sealing):
    """`CredentialVault` on PostgreSQL: one encrypted row for each connection."""

    @in_database
    def store(
        self, connection_id: ConnectionId, credentials: Credentials, *, owner: UserId
    ) -> Result[None, Never]:
        rows = CredentialModel.objects.filter(connection_id=connection_id, user_id=owner)
        held = rows.values_list("id", flat=True).first()
        row_id = held or new_id()
        sealed = self._keyring().seal(
            credentials.secret, context_in(CredentialModel, row_id, owner)
        )
        if held:
            rows.update(sealed=sealed, key_id=self._keyring().primary)
        else:
            with connection.cursor() as cursor:
                values = (row_id, owner, connection_id, sealed, self._keyring().primary)
                cursor.execute(_KEEP, values)
        return Success(None)

    @in_database
    def reveal(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Credentials, CredentialsNotFound]:
        row = CredentialModel.objects.filter(connection_id=connection_id, user_id=owner).first()
        if row is None:
            return Failure(CredentialsNotFound("There are no credentials for this connection."))
        secret = self._keyring().open(bytes(row.sealed), context_of(row))
        return Success(Credentials(secret))
