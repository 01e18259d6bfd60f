"""Credentials in PostgreSQL, encrypted before they are stored."""

from collections.abc import Callable, Sequence
from typing import Never
from uuid import UUID

from django.db import connection

from adapters.persistence.connections.models import CredentialModel
from adapters.persistence.database import Database, in_database
from adapters.security.envelope import Keyring, SealContext
from domain.connections.errors import CredentialsNotFound
from domain.connections.values import Credentials
from domain.shared.ids import ConnectionId, UserId, new_id
from domain.shared.result import Failure, Result, Success

_KEEP = """
INSERT INTO connections_credential (id, user_id, connection_id, sealed, key_id)
VALUES (%s, %s, %s, %s, %s)
"""


class DjangoCredentialVault:
    """`CredentialVault` on PostgreSQL: one encrypted row for each connection."""

    def __init__(self, database: Database, keyring: Callable[[], Keyring]) -> None:
        self._database = database
        self._keyring = keyring

    @in_database
    def store(
        self, connection_id: ConnectionId, credentials: Credentials, *, owner: UserId
    ) -> Result[None, Never]:
        rows = CredentialModel.objects.filter(connection_id=connection_id, user_id=owner)
        held = rows.values_list("id", flat=True).first()
        row_id = held or new_id()
        sealed = self._keyring().seal(credentials.secret, _context(row_id, owner))
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
        secret = self._keyring().open(bytes(row.sealed), _context(row.id, owner))
        return Success(Credentials(secret))

    @in_database
    def rewrap(self, *, owner: UserId) -> Result[int, Never]:
        rows = CredentialModel.objects.filter(user_id=owner).exclude(key_id=self._keyring().primary)
        locked: Sequence[CredentialModel] = list(rows.order_by("id").select_for_update())
        for row in locked:
            row.sealed = self._keyring().rewrap(bytes(row.sealed), _context(row.id, owner))
            row.key_id = self._keyring().primary
        mine = CredentialModel.objects.filter(user_id=owner)
        mine.bulk_update(locked, ["sealed", "key_id"], batch_size=500)
        return Success(len(locked))


def owners_to_rotate(primary: str) -> list[UUID]:
    """Return the users with credentials under another key. For staff: no policy applies."""
    rows = CredentialModel.objects.exclude(key_id=primary)
    return list(rows.values_list("user_id", flat=True).distinct().order_by("user_id"))


def _context(row_id: UUID, owner: UserId) -> SealContext:
    return SealContext("connections_credential", "sealed", row_id, owner)
