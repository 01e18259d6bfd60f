"""Connections, their secrets and their schedule in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.connections.entities import Connection, Consent
from domain.connections.errors import (
    AlreadyConnected,
    ConnectionNotFound,
    CredentialsNotFound,
    LeaseLost,
    LinkNotFound,
    NoStepPending,
)
from domain.connections.links import AccountLink
from domain.connections.ports import Lease, PendingStep
from domain.connections.schedule import Due
from domain.connections.values import (
    STATEMENT_FILES,
    ConnectionStatus,
    Credentials,
    DueReason,
    LinkStatus,
    ProviderSlug,
)
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ConnectionId, UserId
from domain.shared.ports import Clock
from domain.shared.result import Failure, Result, Success
from tests.fakes import Scheduled, Store, one, owned

_NO_CONNECTION = ConnectionNotFound("No such connection.")
_LOST = Failure(LeaseLost("Somebody else syncs this connection by now."))


class InMemoryConnectionRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(
        self, *, owner: UserId, provider: ProviderSlug, institution: str
    ) -> Result[Connection, ConnectionNotFound | Unavailable]:
        wanted = (owner, provider, institution)
        for each in self._store.connections.values():
            if (each.user_id, each.provider, each.institution) == wanted:
                return Success(each)
        return Failure(_NO_CONNECTION)

    async def add(self, connection: Connection) -> Result[None, AlreadyConnected | Unavailable]:
        found = await self.find(
            owner=connection.user_id,
            provider=STATEMENT_FILES,
            institution=connection.institution,
        )
        if connection.provider == STATEMENT_FILES and isinstance(found, Success):
            return Failure(AlreadyConnected("You are already connected to this institution."))
        self._store.connections[connection.id] = connection
        return Success(None)

    async def get(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Connection, ConnectionNotFound | Unavailable]:
        found = owned(self._store.connections.get(connection_id), owner)
        is_of_files = found is not None and found.provider == STATEMENT_FILES
        return one(None if is_of_files else found, _NO_CONNECTION)

    async def lock(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Connection, ConnectionNotFound | Unavailable]:
        return await self.get(connection_id, owner=owner)

    async def to_providers(self, *, owner: UserId) -> Result[Sequence[Connection], Unavailable]:
        found = (each for each in self._store.connections.values() if each.user_id == owner)
        to_providers = (each for each in found if each.provider != STATEMENT_FILES)
        return Success(sorted(to_providers, key=lambda each: each.id))

    async def update(self, connection: Connection) -> Result[None, Unavailable]:
        before = owned(self._store.connections.get(connection.id), connection.user_id)
        if before is not None:
            self._store.connections[connection.id] = replace(
                connection, provider=before.provider, established_at=before.established_at
            )
        return Success(None)

    async def links(
        self, *connection_ids: ConnectionId, owner: UserId
    ) -> Result[Sequence[AccountLink], Unavailable]:
        found = (each for each in self._store.links.values() if each.user_id == owner)
        links = (each for each in found if each.connection_id in connection_ids)
        return Success(sorted(links, key=lambda each: each.id))

    async def lock_link(
        self, link_id: UUID, *, owner: UserId
    ) -> Result[AccountLink, LinkNotFound | Unavailable]:
        missing = LinkNotFound("The connection has no such account.")
        return one(owned(self._store.links.get(link_id), owner), missing)

    async def linked(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, AccountLink], Unavailable]:
        found = [
            each
            for each in self._store.links.values()
            if each.user_id == owner and each.status is LinkStatus.LINKED and self._goes_on(each)
        ]
        latest_last = sorted(found, key=lambda each: (str(each.linked_at), each.id))
        return Success({each.account_id: each for each in latest_last if each.account_id})

    def _goes_on(self, link: AccountLink) -> bool:
        return self._store.connections[link.connection_id].status is not ConnectionStatus.REVOKED

    async def save_links(self, links: Sequence[AccountLink]) -> Result[None, Unavailable]:
        self._store.links |= {each.id: each for each in links}
        return Success(None)

    async def add_consent(self, consent: Consent) -> Result[None, Unavailable]:
        self._store.consents[consent.id] = consent
        return Success(None)

    async def end_consents(
        self, connection_id: ConnectionId, *, owner: UserId, at: datetime
    ) -> Result[None, Unavailable]:
        self._store.consents |= {
            each.id: replace(each, ended_at=at)
            for each in self._consents((connection_id,), owner)
            if each.ended_at is None
        }
        return Success(None)

    async def consents(
        self, *connection_ids: ConnectionId, owner: UserId
    ) -> Result[Sequence[Consent], Unavailable]:
        found = self._consents(connection_ids, owner)
        return Success(sorted(found, key=lambda each: each.id, reverse=True))

    def _consents(self, connection_ids: Sequence[ConnectionId], owner: UserId) -> list[Consent]:
        found = (each for each in self._store.consents.values() if each.user_id == owner)
        return [each for each in found if each.connection_id in connection_ids]


class InMemoryCredentialVault:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def store(
        self, connection_id: ConnectionId, credentials: Credentials, *, owner: UserId
    ) -> Result[None, Unavailable]:
        self._store.credentials[connection_id, owner] = credentials
        return Success(None)

    async def reveal(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Credentials, CredentialsNotFound | Unavailable]:
        found = self._store.credentials.get((connection_id, owner))
        return one(found, CredentialsNotFound("There are no credentials for this connection."))

    async def delete(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[None, Unavailable]:
        self._store.credentials.pop((connection_id, owner), None)
        return Success(None)


class InMemoryPendingSteps:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def store(
        self, connection_id: ConnectionId, pending: PendingStep, *, owner: UserId
    ) -> Result[None, Unavailable]:
        self._store.pending_steps[connection_id, owner] = pending
        return Success(None)

    async def get(
        self, connection_id: ConnectionId, *, owner: UserId, at: datetime
    ) -> Result[PendingStep, NoStepPending | Unavailable]:
        found = self._store.pending_steps.get((connection_id, owner))
        is_open = found is not None and found.expires_at > at
        missing = NoStepPending("The connection waits for nothing, or not any more.")
        return one(found if is_open else None, missing)

    async def delete(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[None, Unavailable]:
        self._store.pending_steps.pop((connection_id, owner), None)
        return Success(None)

    async def all(
        self, *, owner: UserId, at: datetime
    ) -> Result[Mapping[ConnectionId, PendingStep], Unavailable]:
        steps = self._store.pending_steps.items()
        return Success(
            {
                ConnectionId(connection_id): step
                for (connection_id, of), step in steps
                if of == owner and step.expires_at > at
            }
        )


class InMemorySyncSchedule:
    """By a clock that tests move."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def set_due(
        self,
        connection_id: ConnectionId,
        due: Due | None,
        *,
        owner: UserId,
        ends_lease: bool = False,
    ) -> Result[None, Unavailable]:
        row = replace(
            self._store.schedule.get(connection_id, Scheduled(owner)), due=due, failures=0
        )
        if ends_lease:
            row = replace(row, lease=row.lease + 1, leased_until=None)
        self._store.schedule[connection_id] = row
        return Success(None)

    async def due(
        self, connection_ids: Sequence[ConnectionId]
    ) -> Result[Mapping[ConnectionId, Due], Unavailable]:
        rows = ((each, self._store.schedule.get(each)) for each in connection_ids)
        return Success({each: row.due for each, row in rows if row and row.due})

    async def claim(self, *, most: int, lease: timedelta) -> Result[Sequence[Lease], Unavailable]:
        now = self._clock.now()
        due = [
            (row.due.at, connection_id)
            for connection_id, row in self._store.schedule.items()
            if row.due and row.due.at <= now and self._is_free(row)
        ]
        return Success([self._lease(each, lease) for _, each in sorted(due)[:most]])

    async def claim_one(
        self, connection_id: ConnectionId, *, owner: UserId, lease: timedelta
    ) -> Result[Lease, LeaseLost | Unavailable]:
        row = self._store.schedule.get(connection_id)
        if row is None or row.user_id != owner or not self._is_free(row):
            return _LOST
        if row.due is None:
            due = Due(self._clock.now(), DueReason.REQUESTED)
            self._store.schedule[connection_id] = replace(row, due=due)
        return Success(self._lease(connection_id, lease))

    async def renew(self, lease: Lease, *, by: timedelta) -> Result[Lease, LeaseLost | Unavailable]:
        row = self._leased(lease)
        if row is None:
            return _LOST
        until = self._clock.now() + by
        self._store.schedule[lease.connection_id] = replace(row, leased_until=until)
        return Success(replace(lease, until=until))

    async def confirm(self, lease: Lease) -> Result[None, LeaseLost | Unavailable]:
        return Success(None) if self._leased(lease) else _LOST

    async def finish(
        self, lease: Lease, due: Due | None, *, failures: int
    ) -> Result[None, LeaseLost | Unavailable]:
        row = self._leased(lease)
        if row is None:
            return _LOST
        was_requested = (row.due and row.due.at) != lease.due.at
        self._store.schedule[lease.connection_id] = replace(
            row, due=row.due if was_requested else due, leased_until=None, failures=failures
        )
        return Success(None)

    async def count_request(
        self, connection_id: ConnectionId, account_key: str, day: date, *, owner: UserId, most: int
    ) -> Result[bool, Unavailable]:
        counts, key = self._store.request_counts, (owner, connection_id, account_key, day)
        if counts.get(key, 0) >= most:
            return Success(False)
        counts[key] = counts.get(key, 0) + 1
        return Success(True)

    async def requests(
        self, connection_id: ConnectionId, day: date
    ) -> Result[Mapping[str, int], Unavailable]:
        return Success(
            {
                account_key: count
                for (_, of, account_key, on), count in self._store.request_counts.items()
                if (of, on) == (connection_id, day)
            }
        )

    async def most_requests(
        self, connection_ids: Sequence[ConnectionId], day: date
    ) -> Result[Mapping[ConnectionId, int], Unavailable]:
        most: dict[ConnectionId, int] = {}
        for (_, of, _, on), count in self._store.request_counts.items():
            if of in connection_ids and on == day:
                known = most.get(ConnectionId(of), 0)
                most[ConnectionId(of)] = max(known, count)
        return Success(most)

    def _is_free(self, row: Scheduled) -> bool:
        return row.leased_until is None or row.leased_until <= self._clock.now()

    def _leased(self, lease: Lease) -> Scheduled | None:
        row = self._store.schedule.get(lease.connection_id)
        is_held = row and row.lease == lease.number and row.leased_until
        return row if is_held else None

    def _lease(self, connection_id: UUID, by: timedelta) -> Lease:
        row, until = self._store.schedule[connection_id], self._clock.now() + by
        leased = replace(row, lease=row.lease + 1, leased_until=until)
        self._store.schedule[connection_id] = leased
        return Lease(
            connection_id=ConnectionId(connection_id),
            owner=row.user_id,
            number=leased.lease,
            until=until,
            due=leased.due or Due(until, DueReason.REQUESTED),
            failures=row.failures,
        )


class InMemoryKeyRotation:
    """There is one key."""

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        return Success(0)
