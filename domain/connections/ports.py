"""The ports of connections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol
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
from domain.connections.providers import Step
from domain.connections.schedule import Due
from domain.connections.values import Credentials, ProviderSlug
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ConnectionId, UserId
from domain.shared.result import Result


class ConnectionRepository(Protocol):
    """All connections, with the accounts that they report, and the consents to them."""

    async def find(
        self, *, owner: UserId, provider: ProviderSlug, institution: str
    ) -> Result[Connection, ConnectionNotFound | Unavailable]:
        """Find the connection of files of an institution: there is one for each institution."""

    async def add(self, connection: Connection) -> Result[None, AlreadyConnected | Unavailable]: ...

    async def get(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Connection, ConnectionNotFound | Unavailable]: ...

    async def lock(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Connection, ConnectionNotFound | Unavailable]: ...

    async def to_providers(self, *, owner: UserId) -> Result[Sequence[Connection], Unavailable]:
        """Return a user's connections, without those of files, in the order they were begun."""

    async def update(self, connection: Connection) -> Result[None, Unavailable]: ...

    async def links(
        self, *connection_ids: ConnectionId, owner: UserId
    ) -> Result[Sequence[AccountLink], Unavailable]:
        """Return the accounts of connections, in the order in which they were reported first."""

    async def lock_link(
        self, link_id: UUID, *, owner: UserId
    ) -> Result[AccountLink, LinkNotFound | Unavailable]: ...

    async def linked(
        self, *, owner: UserId
    ) -> Result[Mapping[AccountId, AccountLink], Unavailable]:
        """Return the latest link of each account that has one, where the connection goes on."""

    async def save_links(self, links: Sequence[AccountLink]) -> Result[None, Unavailable]:
        """Add links, or replace those with the same ids."""

    async def add_consent(self, consent: Consent) -> Result[None, Unavailable]: ...

    async def end_consents(
        self, connection_id: ConnectionId, *, owner: UserId, at: datetime
    ) -> Result[None, Unavailable]:
        """End the consents to a connection that have not ended yet."""

    async def consents(
        self, *connection_ids: ConnectionId, owner: UserId
    ) -> Result[Sequence[Consent], Unavailable]:
        """Return all consents to connections, the latest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingStep:
    """What a person has still to do; `state` is what a redirect returns with."""

    step: Step
    state: str = field(repr=False)
    expires_at: datetime


class PendingSteps(Protocol):
    """The step that each connection waits for, stored encrypted."""

    async def store(
        self, connection_id: ConnectionId, pending: PendingStep, *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Store a step, and replace the one before."""

    async def get(
        self, connection_id: ConnectionId, *, owner: UserId, at: datetime
    ) -> Result[PendingStep, NoStepPending | Unavailable]: ...

    async def all(
        self, *, owner: UserId, at: datetime
    ) -> Result[Mapping[ConnectionId, PendingStep], Unavailable]:
        """Return the steps of all connections of a user that have not expired."""

    async def delete(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[None, Unavailable]: ...


class CredentialVault(Protocol):
    """The credentials of connections, stored encrypted."""

    async def store(
        self, connection_id: ConnectionId, credentials: Credentials, *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Store credentials, and replace those that were stored before."""

    async def reveal(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[Credentials, CredentialsNotFound | Unavailable]: ...

    async def delete(
        self, connection_id: ConnectionId, *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Forget the credentials of a connection, if there are any."""


class KeyRotation(Protocol):
    """Everything that is stored encrypted."""

    async def rewrap(self, *, owner: UserId) -> Result[int, Unavailable]:
        """Re-encrypt a user's secrets and files with the key in use; return how many these were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to sync a connection until a moment, unless it is renewed.

    `failures` counts the attempts in a row that failed; `due` is when it was due, and why.
    """

    connection_id: ConnectionId
    owner: UserId
    number: int
    until: datetime
    due: Due
    failures: int


class SyncSchedule(Protocol):
    """When connections are synced, by whom at present, and how often providers were asked.

    These rows are operational: to change them needs no audit entry.
    """

    async def set_due(
        self,
        connection_id: ConnectionId,
        due: Due | None,
        *,
        owner: UserId,
        ends_lease: bool = False,
    ) -> Result[None, Unavailable]:
        """Say when a connection is synced next, in the caller's transaction; None for never.

        Whoever syncs it at present with credentials of before loses the lease if that `ends_lease`.
        """

    async def due(
        self, connection_ids: Sequence[ConnectionId]
    ) -> Result[Mapping[ConnectionId, Due], Unavailable]:
        """Return when each of these connections is synced next, if it is."""

    async def claim(self, *, most: int, lease: timedelta) -> Result[Sequence[Lease], Unavailable]:
        """Lease up to `most` connections that are due, the longest waiting first."""

    async def claim_one(
        self, connection_id: ConnectionId, *, owner: UserId, lease: timedelta
    ) -> Result[Lease, LeaseLost | Unavailable]:
        """Lease a connection, due or not, unless somebody else has the lease."""

    async def renew(
        self, lease: Lease, *, by: timedelta
    ) -> Result[Lease, LeaseLost | Unavailable]: ...

    async def confirm(self, lease: Lease) -> Result[None, LeaseLost | Unavailable]:
        """Make sure, until the caller's transaction ends, that nobody else has the lease."""

    async def finish(
        self, lease: Lease, due: Due | None, *, failures: int
    ) -> Result[None, LeaseLost | Unavailable]:
        """Give the lease back in the caller's transaction; a request made meanwhile stays due."""

    async def count_request(
        self, connection_id: ConnectionId, account_key: str, day: date, *, owner: UserId, most: int
    ) -> Result[bool, Unavailable]:
        """Count a request before it is sent; return whether the quota of the day allows it.

        Never call this within a transaction: a rollback would uncount it.
        """

    async def requests(
        self, connection_id: ConnectionId, day: date
    ) -> Result[Mapping[str, int], Unavailable]:
        """Return how many requests were sent on a day, by account key."""

    async def most_requests(
        self, connection_ids: Sequence[ConnectionId], day: date
    ) -> Result[Mapping[ConnectionId, int], Unavailable]:
        """Return how many requests were sent on a day, for the account with the most of them."""
