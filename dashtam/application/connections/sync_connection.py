"""Sync a connection: ask its provider, and let what it answers be imported."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dashtam.application.connections.leased import lock_leased
from dashtam.application.connections.meter import Meter
from dashtam.application.connections.provider_list import provider_of
from dashtam.application.connections.store_answer import StoreAnswer
from dashtam.application.contention import retry_on_conflict
from dashtam.application.use_case import UseCase
from domain.connections.actions import CREDENTIALS_REFRESHED, SYNC_FAILED
from domain.connections.entities import Connection
from domain.connections.errors import (
    ConnectionNotFound,
    CredentialsNotFound,
    LeaseLost,
)
from domain.connections.links import AccountLink
from domain.connections.ports import (
    ConnectionRepository,
    CredentialVault,
    Lease,
    SyncSchedule,
)
from domain.connections.providers import Provider, ProviderTrouble, StatementRequest, TroubleKind
from domain.connections.schedule import Due, WaitUntil, after_success, after_trouble, plan
from domain.connections.values import ONE_DAY, Credentials, DueReason
from domain.identity.ports import UserRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, Fact
from domain.shared.result import Failure, Result, Success

#: How long a lease lasts; it is renewed before each request.
LEASE = timedelta(seconds=120)
#: More requests in a row wait for the next turn, so that others have theirs.
MOST_REQUESTS = 30

SyncError = LeaseLost | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """What is known at the beginning of a sync."""

    lease: Lease
    connection: Connection
    links: Sequence[AccountLink]
    credentials: Credentials
    provider: Provider
    meter: Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncConnection(UseCase):
    """Ask the provider of a leased connection, and store its answers.

    No transaction is open while the network is awaited. After each answer, one transaction stores
    its documents as imports together with the days that they cover, so that whoever goes on after a
    crash asks for no day again that was stored. Requests are counted before they are sent.
    """

    connections: ConnectionRepository
    users: UserRepository
    vault: CredentialVault
    sync_schedule: SyncSchedule
    providers: Sequence[Provider]
    store_answer: StoreAnswer

    async def __call__(self, lease: Lease) -> Result[None, SyncError]:
        begun = await self._begin(lease)
        if isinstance(begun, Failure):
            return begun
        if begun.value is None:
            return Success(None)
        refreshed = await self._refresh(begun.value)
        if isinstance(refreshed, Failure):
            if isinstance(refreshed.error, ProviderTrouble):
                return await self._stop(begun.value.lease, refreshed.error)
            return Failure(refreshed.error)
        return await self._ask(refreshed.value)

    async def abandon(self, lease: Lease) -> Result[None, SyncError]:
        """End a turn that a bug has ended, and try again later."""
        detail = "Dashtam could not deal with the answer of the provider. It will try again."
        return await self._stop(lease, ProviderTrouble(detail, kind=TroubleKind.PROTOCOL))

    async def _begin(self, lease: Lease) -> Result[_Turn | None, SyncError]:
        """Load what the sync needs; if it is not to be synced, return None."""
        owner = lease.owner
        async with self.unit_of_work(owner=owner):
            found = await self.connections.get(lease.connection_id, owner=owner)
            links = await self.connections.links(lease.connection_id, owner=owner)
            credentials = await self.vault.reveal(lease.connection_id, owner=owner)
            user = await self.users.get(owner)
        if isinstance(links, Failure):
            return links
        if isinstance(found, Failure):
            return await self._leave(lease, found.error)
        if isinstance(credentials, Failure):
            return await self._leave(lease, credentials.error)
        provider = provider_of(found.value.provider, self.providers)
        if isinstance(provider, Failure):
            # Perhaps only this start of the server lacks a setting.
            return await self._stop(lease, ProviderTrouble(provider.error.detail))
        connection = found.value
        if isinstance(user, Failure) or user.value.erase_after:
            return await self._rest(lease)
        is_requested = lease.due.reason is DueReason.REQUESTED and connection.may_be_asked
        if not connection.is_synced and not is_requested:
            return await self._leave(lease, None)
        return Success(
            _Turn(
                lease=lease,
                connection=connection,
                links=links.value,
                credentials=credentials.value,
                provider=provider.value,
                meter=self._meter(connection, provider.value),
            )
        )

    def _meter(self, connection: Connection, provider: Provider) -> Meter:
        return Meter(connection, provider.capabilities, self.sync_schedule, self.clock)

    async def _rest(self, lease: Lease) -> Result[None, SyncError]:
        """Ask nothing for somebody who closed their account, unless they open it again."""
        due = Due(self.clock.now() + ONE_DAY, DueReason.INTERVAL)
        return await self.sync_schedule.finish(lease, due, failures=0)

    async def _leave(
        self,
        lease: Lease,
        error: ConnectionNotFound | CredentialsNotFound | Unavailable | None,
    ) -> Result[None, SyncError]:
        """Take a connection off the schedule that cannot be synced any more."""
        if isinstance(error, Unavailable):
            return Failure(error)
        return await self.sync_schedule.finish(lease, None, failures=0)

    async def _refresh(self, turn: _Turn) -> Result[_Turn, ProviderTrouble | SyncError]:
        """Replace credentials that are about to expire; the new ones are stored at once."""
        refreshed = await turn.provider.source.refresh(
            turn.credentials, now=self.clock.now(), meter=turn.meter
        )
        if isinstance(refreshed, Failure):
            return refreshed
        if refreshed.value is None:
            return Success(turn)
        return await self._replace(turn, refreshed.value)

    async def _replace(self, turn: _Turn, credentials: Credentials) -> Result[_Turn, SyncError]:
        connection = turn.connection
        async with self.unit_of_work(owner=connection.user_id) as uow:
            # Whoever ends the connection deletes its credentials: no others may follow.
            locked = await lock_leased(turn.lease, self.connections, self.sync_schedule)
            if isinstance(locked, Failure):
                return locked
            stored = await self.vault.store(connection.id, credentials, owner=connection.user_id)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(connection.record(CREDENTIALS_REFRESHED, at=self.clock.now()))
        return Success(replace(turn, credentials=credentials))

    async def _ask(self, turn: _Turn) -> Result[None, SyncError]:
        """Send the requests that are planned, and store each answer before the next one."""
        planned = await self._plan(turn)
        if isinstance(planned, Failure):
            return planned
        if isinstance(planned.value, WaitUntil):
            return await self._wait(turn, planned.value)
        requests = planned.value[:MOST_REQUESTS]
        lease = turn.lease
        for number, request in enumerate(requests, 1):
            renewed = await self.sync_schedule.renew(lease, by=LEASE)
            if isinstance(renewed, Failure):
                return renewed
            lease = replace(renewed.value, due=turn.lease.due)
            fetched = await turn.provider.source.fetch(
                turn.credentials, request, now=self.clock.now(), meter=turn.meter
            )
            if isinstance(fetched, Failure):
                return await self._stop(lease, fetched.error)
            stored = await self.store_answer(
                fetched.value,
                request,
                lease=lease,
                capabilities=turn.provider.capabilities,
                is_last=number == len(requests),
                has_more=len(planned.value) > len(requests),
            )
            if isinstance(stored, Failure):
                return await self._not_stored(lease, stored.error)
        if not requests:
            due = after_success(self.clock.now(), turn.provider.capabilities)
            return await self.sync_schedule.finish(lease, due, failures=0)
        return Success(None)

    async def _plan(
        self, turn: _Turn
    ) -> Result[Sequence[StatementRequest] | WaitUntil, Unavailable]:
        now = self.clock.now()
        used = await self.sync_schedule.requests(turn.connection.id, now.astimezone(UTC).date())
        if isinstance(used, Failure):
            return used
        capabilities = turn.provider.capabilities
        left = {key: capabilities.requests_per_day - n for key, n in used.value.items()}
        if turn.links and not any(each.may_be_entered for each in turn.links):
            return Success([])
        # Without coverage the request is for all accounts: a new one may have failed at first.
        entered = (each for each in turn.links if each.is_entered and each.is_asked_for)
        coverage = {each.account_key: each.coverage for each in entered}
        is_requested = turn.lease.due.reason in (DueReason.REQUESTED, DueReason.ANSWERED)
        return Success(plan(now, capabilities, coverage, left, is_requested=is_requested))

    async def _wait(self, turn: _Turn, wait: WaitUntil) -> Result[None, SyncError]:
        was_requested = turn.lease.due.reason is DueReason.REQUESTED
        reason = DueReason.REQUESTED if was_requested else wait.reason
        due = Due(wait.until, reason) if was_requested or turn.connection.is_synced else None
        return await self.sync_schedule.finish(turn.lease, due, failures=turn.lease.failures)

    async def _not_stored(
        self, lease: Lease, error: ProviderTrouble | LeaseLost | Unavailable
    ) -> Result[None, SyncError]:
        return (
            await self._stop(lease, error) if isinstance(error, ProviderTrouble) else Failure(error)
        )

    @retry_on_conflict
    async def _stop(self, lease: Lease, trouble: ProviderTrouble) -> Result[None, SyncError]:
        """End a turn that failed: until a person has acted, until a quota, or for a while."""
        now, owner = self.clock.now(), lease.owner
        async with self.unit_of_work(owner=owner) as uow:
            found = await lock_leased(lease, self.connections, self.sync_schedule)
            if isinstance(found, Failure):
                return found
            stopped, due, fact = _stopped(found.value, trouble, lease, now)
            updated = await self.connections.update(stopped)
            if isinstance(updated, Failure):
                return updated
            ended = await self.sync_schedule.finish(lease, due, failures=lease.failures + 1)
            if isinstance(ended, Failure):
                return ended
            await uow.commit(fact)
        return Success(None)


def _stopped(
    connection: Connection, trouble: ProviderTrouble, lease: Lease, now: datetime
) -> tuple[Connection, Due | None, Fact]:
    """Return a connection after trouble, when it is due again, and the fact of it."""
    need = trouble.kind.need
    if need and (connection.need, connection.is_synced) != (need, False):
        waiting, event = connection.require(need, trouble.detail, at=now)
        return waiting, None, event
    record = SYNC_FAILED.record(
        subject_id=connection.id,
        actor=Actor.user(connection.user_id),
        occurred_at=now,
        trouble=trouble.kind.value,
    )
    attempted = connection.attempted(trouble.detail, at=now)
    if need or not connection.is_synced:
        return attempted, None, record
    jitter = random.random()  # noqa: S311  # it only spreads requests
    return attempted, after_trouble(now, trouble, lease.failures + 1, jitter), record
