"""Connections of users to institutions, and what they consented to."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from domain.connections.actions import (
    CONNECTION_NAMED,
    CONNECTION_PAUSED,
    CONNECTION_RENEWED,
    CONNECTION_RESUMED,
)
from domain.connections.errors import ConnectionNotReady
from domain.connections.events import (
    ConnectionRevoked,
    ConnectionStopped,
    ConsentExpiryAnnounced,
    ProviderConnected,
)
from domain.connections.values import ConnectionStatus, Need, ProviderSlug
from domain.shared.events import Action, Actor, AuditRecord, Fact
from domain.shared.ids import ConnectionId, UserId
from domain.shared.result import Failure, Result, Success

#: How long before its end the owner of a consent is reminded of it.
CONSENT_NOTICE = timedelta(days=7)
MAX_NAME = 100

_SYNCED = (ConnectionStatus.ACTIVE, ConnectionStatus.PARTIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The connection of a user to an institution through a provider.

    `need` is what it needs of a person, and `detail` says in a sentence why it is as it is, since
    `changed_at`. `complete_at` is when all accounts were answered last. The consent ends at
    `consent_until`; its owner was reminded of the end that is `reminded_until`.
    """

    id: ConnectionId
    user_id: UserId
    provider: ProviderSlug
    institution: str
    name: str = ""
    status: ConnectionStatus
    need: Need | None = None
    detail: str = field(default="", repr=False)
    established_at: datetime
    changed_at: datetime
    attempted_at: datetime | None = None
    complete_at: datetime | None = None
    consent_until: datetime | None = None
    reminded_until: datetime | None = None

    @classmethod
    def establish(
        cls,
        *,
        id: ConnectionId,
        user_id: UserId,
        provider: ProviderSlug,
        institution: str,
        at: datetime,
    ) -> tuple[Self, ProviderConnected]:
        """Connect a user to an institution."""
        connection = cls(
            id=id,
            user_id=user_id,
            provider=provider,
            institution=institution,
            status=ConnectionStatus.ACTIVE,
            established_at=at,
            changed_at=at,
        )
        return connection, connection._connected(at)

    @classmethod
    def begin(
        cls, *, id: ConnectionId, user_id: UserId, provider: ProviderSlug, name: str, at: datetime
    ) -> Self:
        """Begin a connection, which a person has still to authorise."""
        return cls(
            id=id,
            user_id=user_id,
            provider=provider,
            institution="",
            name=name,
            status=ConnectionStatus.AUTHORISING,
            established_at=at,
            changed_at=at,
        )

    @property
    def may_be_asked(self) -> bool:
        """Whether a person may ask for a sync now: never with credentials that were refused."""
        if self.status in (ConnectionStatus.AUTHORISING, ConnectionStatus.REVOKED):
            return False
        return self.need is not Need.CREDENTIALS

    @property
    def is_synced(self) -> bool:
        """Whether it is synced by itself."""
        return self.status in _SYNCED

    def granted(
        self, institution: str, consent_until: datetime | None, *, at: datetime
    ) -> tuple[Self, Fact]:
        """Make it active, for the first time or again, after a person has authorised it."""
        is_first = self.status is ConnectionStatus.AUTHORISING
        active = replace(
            self,
            institution=institution or self.institution,
            status=ConnectionStatus.ACTIVE,
            need=None,
            detail="",
            changed_at=at,
            consent_until=consent_until,
            reminded_until=None,
        )
        if is_first:
            return active, active._connected(at)
        return active, self.record(CONNECTION_RENEWED, at=at)

    def answered(self, *, failing: int, at: datetime) -> Self:
        """Return it after a provider has answered for all its accounts but the `failing` ones.

        One that is paused or ended stays so; any other goes on, even if a person was needed before.
        """
        complete_at = self.complete_at if failing else at
        done = replace(self, attempted_at=at, complete_at=complete_at)
        if self.status in (ConnectionStatus.PAUSED, ConnectionStatus.REVOKED):
            return done
        status = ConnectionStatus.PARTIAL if failing else ConnectionStatus.ACTIVE
        changed_at = self.changed_at if status is self.status else at
        return replace(done, status=status, need=None, detail="", changed_at=changed_at)

    def attempted(self, detail: str, *, at: datetime) -> Self:
        """Return it after an attempt that failed for a time."""
        return replace(self, detail=detail, attempted_at=at)

    def require(self, need: Need, detail: str, *, at: datetime) -> tuple[Self, ConnectionStopped]:
        """Stop until a person has done something."""
        waiting = replace(
            self,
            status=ConnectionStatus.NEEDS_PERSON,
            need=need,
            detail=detail,
            changed_at=at,
            attempted_at=at,
        )
        event = ConnectionStopped(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at, need=need
        )
        return waiting, event

    def remind(self, *, at: datetime) -> tuple[Self, ConsentExpiryAnnounced] | None:
        """Return the event that the consent ends soon, once for each end."""
        until = self.consent_until
        if until is None or self.reminded_until == until or until - CONSENT_NOTICE > at:
            return None
        event = ConsentExpiryAnnounced(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            days=max((until - at).days, 0),
        )
        return replace(self, reminded_until=until), event

    def edit(
        self, *, name: str | None, paused: bool | None, at: datetime
    ) -> Result[tuple[Self, list[AuditRecord]], ConnectionNotReady]:
        """Change the name, or ask nothing by itself until the connection is resumed."""
        edited, records = self, list[AuditRecord]()
        if name is not None and name != self.name:
            edited = replace(edited, name=name)
            records.append(self.record(CONNECTION_NAMED, at=at))
        if paused is None or paused == (self.status is ConnectionStatus.PAUSED):
            return Success((edited, records))
        if paused and not self.is_synced:
            return Failure(ConnectionNotReady("Only an active connection can be paused."))
        status = ConnectionStatus.PAUSED if paused else ConnectionStatus.ACTIVE
        edited = replace(edited, status=status, changed_at=at)
        records.append(self.record(CONNECTION_PAUSED if paused else CONNECTION_RESUMED, at=at))
        return Success((edited, records))

    def revoke(self, *, at: datetime) -> tuple[Self, ConnectionRevoked]:
        """End the connection for good."""
        ended = replace(self, status=ConnectionStatus.REVOKED, need=None, detail="", changed_at=at)
        event = ConnectionRevoked(
            subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at
        )
        return ended, event

    def _connected(self, at: datetime) -> ProviderConnected:
        return ProviderConnected(
            subject_id=self.id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            provider=self.provider,
        )

    def record(self, action: Action, *, at: datetime) -> AuditRecord:
        """Record an action on it that has no details."""
        return action.record(subject_id=self.id, actor=Actor.user(self.user_id), occurred_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person consented to, from when until when, and when they withdrew it."""

    id: UUID
    user_id: UserId
    connection_id: ConnectionId
    institution: str
    given_at: datetime
    until: datetime | None = None
    ended_at: datetime | None = None
