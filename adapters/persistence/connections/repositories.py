"""Connections in PostgreSQL, with their links and consents."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Never
from uuid import UUID

from adapters.persistence.connections.models import ConnectionModel, ConsentModel, LinkModel
from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.insert import insert_unless_taken
from adapters.persistence.mapping import columns_of, entity_of
from domain.connections.entities import Connection, Consent
from domain.connections.errors import AlreadyConnected, ConnectionNotFound, LinkNotFound
from domain.connections.links import AccountLink
from domain.connections.values import (
    STATEMENT_FILES,
    ConnectionStatus,
    LinkStatus,
    ProviderSlug,
)
from domain.shared.ids import AccountId, ConnectionId, UserId
from domain.shared.result import Failure, Result, Success

_OF_FILES = f"(user_id, institution) WHERE provider = '{STATEMENT_FILES}'"
_NO_CONNECTION = Failure(ConnectionNotFound("No such connection."))
#: What never changes, and so is not updated.
_FIXED = ("id", "user_id", "provider", "established_at")
_FIXED_OF_LINK = ("id", "user_id", "connection_id")


class DjangoConnectionRepository(UsesDatabase):
    """`ConnectionRepository` on the Django ORM."""

    @in_database
    def find(
        self, *, owner: UserId, provider: ProviderSlug, institution: str
    ) -> Result[Connection, ConnectionNotFound]:
        return _found(
            ConnectionModel.objects.filter(
                user_id=owner, provider=provider, institution=institution
            ).first()
        )

    @in_database
    def add(self, connection: Connection) -> Result[None, AlreadyConnected]:
        if insert_unless_taken(ConnectionModel(**columns_of(connection)), _OF_FILES):
            return Success(None)
        return Failure(AlreadyConnected("You are already connected to this institution."))

    @in_database
    def get(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Connection, ConnectionNotFound]:
        rows = ConnectionModel.objects.filter(id=connection_id, user_id=owner)
        return _found(rows.exclude(provider=STATEMENT_FILES).first())

    @in_database
    def lock(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Connection, ConnectionNotFound]:
        rows = ConnectionModel.objects.filter(id=connection_id, user_id=owner)
        return _found(rows.exclude(provider=STATEMENT_FILES).select_for_update().first())

    @in_database
    def to_providers(self, *, owner: UserId) -> Result[Sequence[Connection], Never]:
        rows = ConnectionModel.objects.filter(user_id=owner).exclude(provider=STATEMENT_FILES)
        return Success([entity_of(Connection, row) for row in rows.order_by("id")])

    @in_database
    def update(self, connection: Connection) -> Result[None, Never]:
        rows = ConnectionModel.objects.filter(id=connection.id, user_id=connection.user_id)
        rows.update(**columns_of(connection, except_for=_FIXED))
        return Success(None)

    @in_database
    def links(
        self, *connection_ids: ConnectionId, owner: UserId
    ) -> Result[Sequence[AccountLink], Never]:
        rows = LinkModel.objects.filter(user_id=owner, connection_id__in=connection_ids)
        return Success([entity_of(AccountLink, row) for row in rows.order_by("id")])

    @in_database
    def lock_link(self, link_id: UUID, *, owner: UserId) -> Result[AccountLink, LinkNotFound]:
        row = LinkModel.objects.filter(id=link_id, user_id=owner).select_for_update().first()
        if row is None:
            return Failure(LinkNotFound("The connection has no such account."))
        return Success(entity_of(AccountLink, row))

    @in_database
    def linked(self, *, owner: UserId) -> Result[Mapping[AccountId, AccountLink], Never]:
        rows = LinkModel.objects.filter(user_id=owner, status=LinkStatus.LINKED)
        going_on = rows.exclude(connection__status=ConnectionStatus.REVOKED)
        links = [entity_of(AccountLink, row) for row in going_on.order_by("linked_at", "id")]
        return Success({each.account_id: each for each in links if each.account_id})

    @in_database
    def save_links(self, links: Sequence[AccountLink]) -> Result[None, Never]:
        names = (each.name for each in fields(AccountLink))
        LinkModel.objects.bulk_create(
            (LinkModel(**columns_of(each)) for each in links),
            update_conflicts=True,
            unique_fields=["user_id", "id"],
            update_fields=[name for name in names if name not in _FIXED_OF_LINK],
        )
        return Success(None)

    @in_database
    def add_consent(self, consent: Consent) -> Result[None, Never]:
        ConsentModel.objects.create(**columns_of(consent))
        return Success(None)

    @in_database
    def end_consents(
        self, connection_id: ConnectionId, *, owner: UserId, at: datetime
    ) -> Result[None, Never]:
        rows = ConsentModel.objects.filter(user_id=owner, connection_id=connection_id)
        rows.filter(ended_at=None).update(ended_at=at)
        return Success(None)

    @in_database
    def consents(
        self, *connection_ids: ConnectionId, owner: UserId
    ) -> Result[Sequence[Consent], Never]:
        rows = ConsentModel.objects.filter(user_id=owner, connection_id__in=connection_ids)
        return Success([entity_of(Consent, row) for row in rows.order_by("-id")])


def _found(row: ConnectionModel | None) -> Result[Connection, ConnectionNotFound]:
    return _NO_CONNECTION if row is None else Success(entity_of(Connection, row))
