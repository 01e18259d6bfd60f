"""Look at connections, and pause, sync and end them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.connections.meter import Meter
from dashtam.application.connections.provider_list import provider_of
from dashtam.application.connections.timing import ConnectionTiming, Timing
from dashtam.application.contention import retry_on_conflict
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase, in_turn, or_none
from domain.connections.actions import (
    CONNECTION_VIEWED,
    CONNECTIONS_VIEWED,
    SYNC_REQUESTED,
)
from domain.connections.entities import Connection, Consent
from domain.connections.errors import ConnectionNotFound, ConnectionNotReady
from domain.connections.links import AccountLink
from domain.connections.ports import (
    ConnectionRepository,
    CredentialVault,
    PendingStep,
    PendingSteps,
    SyncSchedule,
)
from domain.connections.providers import Provider
from domain.connections.schedule import Due
from domain.connections.values import ConnectionStatus, Credentials, DueReason
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import ConnectionId, UserId
from domain.shared.result import Failure, Result, Success

P = TypeVar("P", AccountLink, Consent)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOverview:
    """A connection with the accounts it reports, what was consented to, and what is next."""

    connection: Connection
    links: Sequence[AccountLink]
    consents: Sequence[Consent]
    pending: PendingStep | None
    timing: Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overviews(UseCase):
    connections: ConnectionRepository
    pending_steps: PendingSteps
    connection_timing: ConnectionTiming

    async def _overviews(
        self, connections: Sequence[Connection], owner: UserId
    ) -> Result[list[ConnectionOverview], Unavailable]:
        ids = [each.id for each in connections]
        links = await self.connections.links(*ids, owner=owner)
        if isinstance(links, Failure):
            return links
        consents = await self.connections.consents(*ids, owner=owner)
        if isinstance(consents, Failure):
            return consents
        pending = await self.pending_steps.all(owner=owner, at=self.clock.now())
        if isinstance(pending, Failure):
            return pending
        timing = await self.connection_timing(connections)
        if isinstance(timing, Failure):
            return timing
        return Success(
            [
                ConnectionOverview(
                    connection=each,
                    links=_of(each, links.value),
                    consents=_of(each, consents.value),
                    pending=pending.value.get(each.id),
                    timing=timing.value[each.id],
                )
                for each in connections
            ]
        )


def _of(connection: Connection, parts: Sequence[P]) -> list[P]:
    return [each for each in parts if each.connection_id == connection.id]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListConnections(_Overviews):
    """List a user's connections to providers."""

    @audited_query("connections.view", CONNECTIONS_VIEWED, count)
    async def __call__(
        self, *, user_id: UserId
    ) -> Result[Sequence[ConnectionOverview], Unavailable]:
        found = await self.connections.to_providers(owner=user_id)
        if isinstance(found, Failure):
            return found
        return await self._overviews(found.value, user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowConnection(_Overviews):
    """Show a connection."""

    @audited_query("connection.view", CONNECTION_VIEWED)
    async def __call__(
        self, *, connection_id: ConnectionId, user_id: UserId
    ) -> Result[ConnectionOverview, ConnectionNotFound | Unavailable]:
        found = await self.connections.get(connection_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        shown = await self._overviews([found.value], user_id)
        return shown if isinstance(shown, Failure) else Success(shown.value[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class EditConnection(UseCase):
    """Name a connection, or pause or resume it: then it is synced at once."""

    connections: ConnectionRepository
    sync_schedule: SyncSchedule

    @audit_failures("connection.edit", ResourceType.CONNECTION)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        connection_id: ConnectionId,
        user_id: UserId,
        name: str | None = None,
        paused: bool | None = None,
    ) -> Result[None, ConnectionNotFound | ConnectionNotReady | Unavailable]:
        """Change what is given; None leaves it as it is."""
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.connections.lock(connection_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            edited = found.value.edit(name=name, paused=paused, at=self.clock.now())
            if isinstance(edited, Failure):
                return edited
            connection, records = edited.value
            if not records:
                return Success(None)
            updated = await self.connections.update(connection)
            if isinstance(updated, Failure):
                return updated
            if connection.is_synced != found.value.is_synced:
                now = Due(self.clock.now(), DueReason.REQUESTED)
                due = now if connection.is_synced else None
                scheduled = await self.sync_schedule.set_due(connection_id, due, owner=user_id)
                if isinstance(scheduled, Failure):
                    return scheduled
            await uow.commit(*records)
        return Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSync(UseCase):
    """Have a connection synced now, whatever it is waiting for.

    Only credentials that a bank has refused are never tried again: a third time locks people out.
    """

    connections: ConnectionRepository
    sync_schedule: SyncSchedule

    @audit_failures("connection.request_sync", ResourceType.CONNECTION)
    @retry_on_conflict
    async def __call__(
        self, *, connection_id: ConnectionId, user_id: UserId
    ) -> Result[None, ConnectionNotFound | ConnectionNotReady | Unavailable]:
        now = self.clock.now()
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.connections.lock(connection_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            if not found.value.may_be_asked:
                detail = "Authorise the connection first: it cannot ask anything at present."
                return Failure(ConnectionNotReady(detail))
            due = Due(now, DueReason.REQUESTED)
            scheduled = await self.sync_schedule.set_due(connection_id, due, owner=user_id)
            if isinstance(scheduled, Failure):
                return scheduled
            await uow.commit(found.value.record(SYNC_REQUESTED, at=now))
        return Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndConnection(UseCase):
    """End a connection and its consent; what it has brought stays in the ledger.

    The credentials are forgotten first. The provider is informed as well, which may fail.
    """

    connections: ConnectionRepository
    vault: CredentialVault
    pending_steps: PendingSteps
    sync_schedule: SyncSchedule
    providers: Sequence[Provider]

    @audit_failures("connection.revoke", ResourceType.CONNECTION)
    @retry_on_conflict
    async def __call__(
        self, *, connection_id: ConnectionId, user_id: UserId
    ) -> Result[None, ConnectionNotFound | Unavailable]:
        now = self.clock.now()
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.connections.lock(connection_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            if found.value.status is ConnectionStatus.REVOKED:
                return Success(None)
            credentials = or_none(await self.vault.reveal(connection_id, owner=user_id))
            if isinstance(credentials, Failure):
                return credentials
            ended, event = found.value.revoke(at=now)
            written = await in_turn(
                lambda: self.connections.update(ended),
                lambda: self.connections.end_consents(connection_id, owner=user_id, at=now),
                lambda: self.vault.delete(connection_id, owner=user_id),
                lambda: self.pending_steps.delete(connection_id, owner=user_id),
                lambda: self.sync_schedule.set_due(
                    connection_id, None, owner=user_id, ends_lease=True
                ),
            )
            if isinstance(written, Failure):
                return written
            await uow.commit(event)
        if credentials.value:
            await self._inform_provider(ended, credentials.value)
        return Success(None)

    async def _inform_provider(self, ended: Connection, credentials: Credentials) -> None:
        provider = provider_of(ended.provider, self.providers)
        if isinstance(provider, Success):
            meter = Meter(ended, provider.value.capabilities, self.sync_schedule, self.clock)
            await provider.value.source.revoke(credentials, meter=meter)
