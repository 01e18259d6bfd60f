"""Credentials and pending steps in PostgreSQL, encrypted before they are stored."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Never
from uuid import UUID

from django.db import connection

from adapters.persistence.connections.models import CredentialModel, PendingStepModel
from adapters.persistence.database import in_database
from adapters.persistence.sealing import Sealing, context_in, context_of
from domain.connections.errors import CredentialsNotFound, NoStepPending
from domain.connections.ports import PendingStep
from domain.connections.providers import Ask, Field, Redirect, Step, Wait
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

    @in_database
    def delete(self, connection_id: ConnectionId, *, owner: UserId) -> Result[None, Never]:
        CredentialModel.objects.filter(connection_id=connection_id, user_id=owner).delete()
        return Success(None)


class SealedPendingSteps(Sealing):
    """`PendingSteps` on PostgreSQL: at most one encrypted row for each connection."""

    @in_database
    def store(
        self, connection_id: ConnectionId, pending: PendingStep, *, owner: UserId
    ) -> Result[None, Never]:
        PendingStepModel.objects.filter(connection_id=connection_id, user_id=owner).delete()
        row_id: UUID = new_id()
        sealed = self._keyring().seal(_packed(pending), context_in(PendingStepModel, row_id, owner))
        PendingStepModel.objects.create(
            id=row_id,
            user_id=owner,
            connection_id=connection_id,
            sealed=sealed,
            key_id=self._keyring().primary,
            expires_at=pending.expires_at,
        )
        return Success(None)

    @in_database
    def get(
        self, connection_id: ConnectionId, *, owner: UserId, at: datetime
    ) -> Result[PendingStep, NoStepPending]:
        rows = PendingStepModel.objects.filter(connection_id=connection_id, user_id=owner)
        row = rows.filter(expires_at__gt=at).first()
        if row is None:
            return Failure(NoStepPending("The connection waits for nothing, or not any more."))
        packed = self._keyring().open(bytes(row.sealed), context_of(row))
        return Success(_unpacked(packed, row.expires_at))

    @in_database
    def all(
        self, *, owner: UserId, at: datetime
    ) -> Result[Mapping[ConnectionId, PendingStep], Never]:
        rows = PendingStepModel.objects.filter(user_id=owner, expires_at__gt=at)
        opened = ((row, self._keyring().open(bytes(row.sealed), context_of(row))) for row in rows)
        return Success(
            {
                ConnectionId(row.connection_id): _unpacked(packed, row.expires_at)
                for row, packed in opened
            }
        )

    @in_database
    def delete(self, connection_id: ConnectionId, *, owner: UserId) -> Result[None, Never]:
        PendingStepModel.objects.filter(connection_id=connection_id, user_id=owner).delete()
        return Success(None)


_KINDS: dict[str, type[Step]] = {"redirect": Redirect, "ask": Ask, "wait": Wait}


def _packed(pending: PendingStep) -> bytes:
    kind = type(pending.step).__name__.lower()
    step = {name: _plain(value) for name, value in asdict(pending.step).items()}
    return json.dumps({"kind": kind, "state": pending.state, "step": step}).encode()


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: bytes in base 64."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _unpacked(packed: bytes, expires_at: datetime) -> PendingStep:
    said = json.loads(packed)
    step = said["step"]
    step["memory"] = b64decode(step["memory"])
    if step.get("picture"):
        media_type, picture = step["picture"]
        step["picture"] = (media_type, b64decode(picture))
    if "fields" in step:
        step["fields"] = tuple(
            Field(**{**each, "options": tuple(each["options"])}) for each in step["fields"]
        )
    return PendingStep(
        step=_KINDS[said["kind"]](**step), state=said["state"], expires_at=expires_at
    )
