"""Authorise connections: step by step, until the provider grants access."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from secrets import token_urlsafe

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.connections.entered import answer_of, refusal_of
from dashtam.application.connections.meter import Meter
from dashtam.application.connections.provider_list import first_day, provider_of
from dashtam.application.use_case import UseCase, in_turn, or_none
from domain.connections.actions import CONNECTION_ANSWERED, CONNECTION_BEGUN
from domain.connections.entities import MAX_NAME, Connection, Consent
from domain.connections.errors import (
    AlreadyConnected,
    ConnectionNotFound,
    ConnectionNotReady,
    NoStepPending,
    ProviderNotFound,
    TooManyConnections,
)
from domain.connections.links import AccountLink
from domain.connections.ports import (
    ConnectionRepository,
    CredentialVault,
    PendingStep,
    PendingSteps,
    SyncSchedule,
)
from domain.connections.providers import (
    AnswerRefused,
    AuthorisationContext,
    Granted,
    Provider,
    ProviderTrouble,
    Step,
)
from domain.connections.schedule import Due
from domain.connections.values import (
    ConnectionStatus,
    Credentials,
    DueReason,
    ProviderSlug,
)
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, AuditRecord, Fact, ResourceType
from domain.shared.ids import ConnectionId, UserId, new_id
from domain.shared.result import Failure, Result, Success

#: So long a person has for a step.
STEP_LIFETIME = timedelta(minutes=15)
#: So many connections a user may have that were not ended.
MAX_CONNECTIONS = 50

AuthorisationError = (
    ProviderNotFound
    | ConnectionNotFound
    | ConnectionNotReady
    | NoStepPending
    | TooManyConnections
    | AnswerRefused
    | ProviderTrouble
    | AlreadyConnected
    | Unavailable
)


@dataclass(frozen=True, slots=True)
class Authorising:
    """A connection, and what a person has to do next, if anything."""

    connection: Connection
    pending: PendingStep | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """How a provider began, and the record of it."""

    progress: Step | Granted
    state: str
    record: AuditRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class _Authorise(UseCase):
    """What beginning, answering and renewing have in common."""

    connections: ConnectionRepository
    vault: CredentialVault
    pending_steps: PendingSteps
    sync_schedule: SyncSchedule
    providers: Sequence[Provider]
    redirect_uri: str

    def _context(
        self, connection: Connection, provider: Provider, state: str, renewed: Credentials | None
    ) -> AuthorisationContext:
        meter = Meter(
            connection, provider.capabilities, self.sync_schedule, self.clock, authorises=True
        )
        return AuthorisationContext(
            state=state,
            redirect_uri=self.redirect_uri,
            now=self.clock.now(),
            meter=meter,
            renewed=renewed,
        )

    async def _begin(
        self,
        connection: Connection,
        provider: Provider,
        given: Mapping[str, str],
        renewed: Credentials | None = None,
    ) -> Result[_Begun, AnswerRefused | ProviderTrouble]:
        fields = provider.authorisation.fields
        if renewed:
            # What was entered before may still be known from the credentials.
            fields = [replace(each, is_optional=True) for each in fields]
        refused = refusal_of(given, fields)
        if refused:
            return Failure(refused)
        state = token_urlsafe(32)
        context = self._context(connection, provider, state, renewed)
        begun = await provider.authorisation.begin(given, context)
        if isinstance(begun, Failure):
            return begun
        record = CONNECTION_BEGUN.record(
            subject_id=connection.id,
            actor=Actor.user(connection.user_id),
            occurred_at=self.clock.now(),
            provider=connection.provider,
            step=_kind(begun.value),
        )
        return Success(_Begun(progress=begun.value, state=state, record=record))

    async def _store(
        self,
        connection_id: ConnectionId,
        owner: UserId,
        begun: _Begun,
        answered: PendingStep | None = None,
    ) -> Result[Authorising, AuthorisationError]:
        """Store how a provider went on, unless somebody else went on meanwhile."""
        async with self.unit_of_work(owner=owner) as uow:
            locked = await self._lock(connection_id, owner, answered)
            if isinstance(locked, Failure):
                return locked
            proceeded = await self._proceed(locked.value, begun)
            if isinstance(proceeded, Failure):
                return proceeded
            authorising, facts = proceeded.value
            await uow.commit(*facts)
        return Success(authorising)

    async def _lock(
        self, connection_id: ConnectionId, owner: UserId, answered: PendingStep | None
    ) -> Result[Connection, ConnectionNotFound | ConnectionNotReady | NoStepPending | Unavailable]:
        """Lock and return a connection that was not ended and still waits for this answer."""
        locked = await self.connections.lock(connection_id, owner=owner)
        if isinstance(locked, Failure):
            return locked
        if locked.value.status is ConnectionStatus.REVOKED:
            return Failure(ConnectionNotReady("The connection was ended. Make a new one."))
        if answered is None:
            return locked
        now = self.clock.now()
        pending = await self.pending_steps.get(connection_id, owner=owner, at=now)
        if isinstance(pending, Failure):
            return pending
        if pending.value != answered:
            return Failure(NoStepPending("The connection waits for something else by now."))
        return locked

    async def _proceed(
        self, connection: Connection, begun: _Begun
    ) -> Result[tuple[Authorising, Sequence[Fact]], Unavailable]:
        """Store the next step, or what was granted, in the unit of work of the caller."""
        if isinstance(begun.progress, Granted):
            active = await self._grant(connection, begun.progress)
            if isinstance(active, Failure):
                return active
            granted, fact = active.value
            return Success((Authorising(granted, None), [begun.record, fact]))
        expires_at = self.clock.now() + STEP_LIFETIME
        pending = PendingStep(step=begun.progress, state=begun.state, expires_at=expires_at)
        stored = await self.pending_steps.store(connection.id, pending, owner=connection.user_id)
        if isinstance(stored, Failure):
            return stored
        return Success((Authorising(connection, pending), [begun.record]))

    async def _grant(
        self, connection: Connection, granted: Granted
    ) -> Result[tuple[Connection, Fact], Unavailable]:
        owner, now = connection.user_id, self.clock.now()
        consent = Consent(
            id=new_id(),
            user_id=owner,
            connection_id=connection.id,
            institution=granted.institution,
            given_at=now,
            until=granted.expires_at,
        )
        active, fact = connection.granted(granted.institution, granted.expires_at, at=now)
        due = Due(now, DueReason.ANSWERED)
        links = await self._with_history(connection)
        if isinstance(links, Failure):
            return links
        written = await in_turn(
            lambda: self.connections.save_links(links.value),
            lambda: self.connections.update(active),
            lambda: self.vault.store(connection.id, granted.credentials, owner=owner),
            lambda: self.connections.end_consents(connection.id, owner=owner, at=now),
            lambda: self.connections.add_consent(consent),
            lambda: self.pending_steps.delete(connection.id, owner=owner),
            # A sync that has begun with other credentials may store nothing any more.
            lambda: self.sync_schedule.set_due(connection.id, due, owner=owner, ends_lease=True),
        )
        if isinstance(written, Failure):
            return written
        return Success((active, fact))

    async def _with_history(self, connection: Connection) -> Result[list[AccountLink], Unavailable]:
        """Return the links as they are when history is asked again, as far back as there is any."""
        links = await self.connections.links(connection.id, owner=connection.user_id)
        if isinstance(links, Failure):
            return links
        first = first_day(connection, self.providers, self.clock.now())
        wanted = (min(each.wanted_from, first) for each in links.value)
        return Success(
            [replace(e, wanted_from=w) for e, w in zip(links.value, wanted, strict=True)]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginConnection(_Authorise):
    """Begin a connection to a provider with what a person has entered."""

    @audit_failures("connection.begin", ResourceType.CONNECTION)
    async def __call__(
        self, *, user_id: UserId, provider: ProviderSlug, name: str, given: Mapping[str, str]
    ) -> Result[Authorising, AuthorisationError]:
        found = provider_of(provider, self.providers)
        if isinstance(found, Failure):
            return found
        connection = Connection.begin(
            id=ConnectionId(new_id()),
            user_id=user_id,
            provider=provider,
            name=name.strip()[:MAX_NAME] or found.value.name,
            at=self.clock.now(),
        )
        counted = await self._refuse_too_many(user_id)
        if isinstance(counted, Failure):
            return counted
        began = await self._begin(connection, found.value, given)
        return began if isinstance(began, Failure) else await self._add(connection, began.value)

    async def _refuse_too_many(
        self, owner: UserId
    ) -> Result[None, TooManyConnections | Unavailable]:
        async with self.unit_of_work(owner=owner):
            found = await self.connections.to_providers(owner=owner)
        if isinstance(found, Failure):
            return found
        going_on = [each for each in found.value if each.status is not ConnectionStatus.REVOKED]
        if len(going_on) < MAX_CONNECTIONS:
            return Success(None)
        detail = f"You can have at most {MAX_CONNECTIONS} connections. End one of them first."
        return Failure(TooManyConnections(detail))

    async def _add(
        self, connection: Connection, begun: _Begun
    ) -> Result[Authorising, AuthorisationError]:
        async with self.unit_of_work(owner=connection.user_id) as uow:
            added = await self.connections.add(connection)
            if isinstance(added, Failure):
                return added
            proceeded = await self._proceed(connection, begun)
            if isinstance(proceeded, Failure):
                return proceeded
            authorising, facts = proceeded.value
            await uow.commit(*facts)
        return Success(authorising)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewConnection(_Authorise):
    """Authorise a connection again, in place: its accounts stay what they are.

    The consent and the credentials of before stay until the new ones are granted.
    """

    @audit_failures("connection.renew", ResourceType.CONNECTION)
    async def __call__(
        self, *, connection_id: ConnectionId, user_id: UserId, given: Mapping[str, str]
    ) -> Result[Authorising, AuthorisationError]:
        async with self.unit_of_work(owner=user_id):
            found = await self.connections.get(connection_id, owner=user_id)
            credentials = or_none(await self.vault.reveal(connection_id, owner=user_id))
        if isinstance(found, Failure):
            return found
        if isinstance(credentials, Failure):
            return credentials
        if found.value.status is ConnectionStatus.REVOKED:
            return Failure(ConnectionNotReady("The connection was ended. Make a new one."))
        provider = provider_of(found.value.provider, self.providers)
        if isinstance(provider, Failure):
            return provider
        began = await self._begin(found.value, provider.value, given, credentials.value)
        if isinstance(began, Failure):
            return began
        return await self._store(connection_id, user_id, began.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStep(_Authorise):
    """Answer the step that a connection waits for."""

    @audit_failures("connection.answer", ResourceType.CONNECTION)
    async def __call__(
        self, *, connection_id: ConnectionId, user_id: UserId, given: Mapping[str, str]
    ) -> Result[Authorising, AuthorisationError]:
        async with self.unit_of_work(owner=user_id):
            found = await self.connections.get(connection_id, owner=user_id)
            pending = await self.pending_steps.get(
                connection_id, owner=user_id, at=self.clock.now()
            )
            credentials = or_none(await self.vault.reveal(connection_id, owner=user_id))
        if isinstance(found, Failure):
            return found
        if isinstance(pending, Failure):
            return pending
        if isinstance(credentials, Failure):
            return credentials
        provider = provider_of(found.value.provider, self.providers)
        if isinstance(provider, Failure):
            return provider
        state, step = pending.value.state, pending.value.step
        entered = answer_of(step, given, state)
        if isinstance(entered, Failure):
            return entered
        context = self._context(found.value, provider.value, state, credentials.value)
        answered = await provider.value.authorisation.answer(step.memory, entered.value, context)
        if isinstance(answered, Failure):
            return await self._refused(found.value, pending.value, answered.error)
        record = self._record(found.value, _kind(answered.value))
        begun = _Begun(progress=answered.value, state=state, record=record)
        return await self._store(connection_id, user_id, begun, pending.value)

    async def _refused(
        self, connection: Connection, answered: PendingStep, error: ProviderTrouble | AnswerRefused
    ) -> Result[Authorising, AuthorisationError]:
        """Drop the step, unless its trouble ends by itself: what was refused is not tried again."""
        if isinstance(error, ProviderTrouble) and error.kind.need is None:
            return Failure(error)
        owner = connection.user_id
        async with self.unit_of_work(owner=owner) as uow:
            locked = await self._lock(connection.id, owner, answered)
            if isinstance(locked, Failure):
                return Failure(error)
            dropped = await self.pending_steps.delete(connection.id, owner=owner)
            if isinstance(dropped, Failure):
                return dropped
            await uow.commit(self._record(connection, "refused"))
        return Failure(error)

    def _record(self, connection: Connection, step: str) -> AuditRecord:
        return CONNECTION_ANSWERED.record(
            subject_id=connection.id,
            actor=Actor.user(connection.user_id),
            occurred_at=self.clock.now(),
            step=step,
        )


def _kind(progress: Step | Granted) -> str:
    return type(progress).__name__.lower()
