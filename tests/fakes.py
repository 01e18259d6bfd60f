"""Ports in memory, which fulfil the contracts of the real adapters."""

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

from domain.audit.entities import AuditEntry, Backlog
from domain.audit.origin import origin
from domain.connections.entities import Connection, Consent
from domain.connections.links import AccountLink
from domain.connections.ports import PendingStep
from domain.connections.schedule import Due
from domain.connections.values import Credentials
from domain.identity.entities import (
    ApiToken,
    MailedToken,
    RefreshToken,
    SecondFactor,
    Session,
    User,
)
from domain.identity.values import Usage
from domain.ledger.allocations import StatedAllocation
from domain.ledger.as_of import AsOf
from domain.ledger.categories import Category
from domain.ledger.entities import Account, Holding, Transaction
from domain.ledger.exchange_rates import RateList
from domain.ledger.imported import BalanceSnapshot, ImportedRow
from domain.ledger.imports import ImportProgress, StatementImport
from domain.ledger.merges import AccountMerge
from domain.ledger.previews import QueuedPreview
from domain.ledger.profiles import SavedProfile
from domain.ledger.rule_effects import AppliedEffect, RuleApplication
from domain.ledger.rules import Rule
from domain.ledger.suggested_matches import MatchStatus, NewSuggestion
from domain.ledger.transfers import Transfer
from domain.ledger.values import Security, TransactionKey
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent, Fact
from domain.shared.ids import (
    AccountId,
    ImportId,
    RuleApplicationId,
    SecurityId,
    TransactionId,
    UserId,
)
from domain.shared.ports import EventPublisher
from domain.shared.result import Failure, Result, Success
from domain.sharing.entities import ConnectedApp
from domain.staff.entities import StaffFactor, StaffMember
from tests.factories import NOON


@dataclass(frozen=True)
class StoredMatch:
    """A suggestion, and what was decided about it."""

    suggestion: NewSuggestion
    status: MatchStatus = MatchStatus.SUGGESTED
    decided_at: datetime | None = None

    @property
    def user_id(self) -> UserId:
        return self.suggestion.user_id

    @property
    def pair(self) -> frozenset[TransactionId]:
        return frozenset((self.suggestion.added_id, self.suggestion.existing_id))


@dataclass(frozen=True)
class Scheduled:
    """When a connection is synced next, and until when it is leased."""

    user_id: UserId
    due: Due | None = None
    lease: int = 0
    leased_until: datetime | None = None
    failures: int = 0


@dataclass
class Store:
    """The content of a database."""

    users: dict[UUID, User] = field(default_factory=dict)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    refresh_tokens: dict[bytes, RefreshToken] = field(default_factory=dict)
    mailed_tokens: dict[UUID, MailedToken] = field(default_factory=dict)
    second_factors: dict[UUID, SecondFactor] = field(default_factory=dict)
    #: By user: the SHA-256 of each, and when it was used.
    recovery_codes: dict[UUID, dict[bytes, datetime | None]] = field(default_factory=dict)
    api_tokens: dict[UUID, ApiToken] = field(default_factory=dict)
    usages: dict[UUID, Usage] = field(default_factory=dict)
    connected_apps: dict[UUID, ConnectedApp] = field(default_factory=dict)
    connections: dict[UUID, Connection] = field(default_factory=dict)
    links: dict[UUID, AccountLink] = field(default_factory=dict)
    consents: dict[UUID, Consent] = field(default_factory=dict)
    credentials: dict[tuple[UUID, UUID], Credentials] = field(default_factory=dict)
    pending_steps: dict[tuple[UUID, UUID], PendingStep] = field(default_factory=dict)
    schedule: dict[UUID, Scheduled] = field(default_factory=dict)
    #: By user, connection, account of the provider and day.
    request_counts: dict[tuple[UUID, UUID, str, date], int] = field(default_factory=dict)
    accounts: dict[UUID, Account] = field(default_factory=dict)
    names: dict[tuple[UserId, str, str, str], AccountId] = field(default_factory=dict)
    removed_accounts: dict[UUID, Account] = field(default_factory=dict)
    imports: dict[UUID, StatementImport] = field(default_factory=dict)
    transactions: dict[UUID, Transaction] = field(default_factory=dict)
    prior_states: dict[tuple[UUID, TransactionKey], Transaction] = field(default_factory=dict)
    imported_rows: list[ImportedRow] = field(default_factory=list)
    undone_rows: list[ImportedRow] = field(default_factory=list)
    named: dict[tuple[str, str], Security] = field(default_factory=dict)
    categories: dict[UUID, Category] = field(default_factory=dict)
    stated_categories: list[tuple[ImportId, StatedAllocation]] = field(default_factory=list)
    rules: dict[UUID, Rule] = field(default_factory=dict)
    rule_applications: dict[UUID, RuleApplication] = field(default_factory=dict)
    rule_effects: list[tuple[RuleApplicationId, AppliedEffect]] = field(default_factory=list)
    csv_profiles: dict[UUID, SavedProfile] = field(default_factory=dict)
    merges: dict[UUID, AccountMerge] = field(default_factory=dict)
    #: By user, day, base and source.
    exchange_rates: dict[tuple[UserId, date, str, str], RateList] = field(default_factory=dict)
    files: dict[tuple[UUID, bytes], bytes] = field(default_factory=dict)
    previews: dict[UUID, QueuedPreview] = field(default_factory=dict)
    #: By preview: the file, as long as it waits.
    previewed: dict[UUID, bytes] = field(default_factory=dict)
    balances: list[BalanceSnapshot] = field(default_factory=list)
    transfers: dict[UUID, Transfer] = field(default_factory=dict)
    matches: dict[UUID, StoredMatch] = field(default_factory=dict)
    securities: dict[tuple[UUID, str, str], tuple[SecurityId, Security]] = field(
        default_factory=dict
    )
    holdings: list[Holding] = field(default_factory=list)
    #: When balances and statements were imported, by their content or id.
    recorded: dict[object, datetime] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)
    progress: dict[UUID, ImportProgress] = field(default_factory=dict)
    staff: dict[UUID, StaffMember] = field(default_factory=dict)
    staff_factors: dict[UUID, StaffFactor] = field(default_factory=dict)

    def stands(self, record: object, import_id: UUID, as_of: AsOf) -> bool:
        """Return whether an import states it: now, or at the requested instant."""
        source = self.imports.get(import_id)
        undone_at = source.undone_at if source else None
        if as_of.moment is None:
            return undone_at is None
        was_there = self.recorded[record] <= as_of.moment
        return was_there and (undone_at is None or undone_at > as_of.moment)

    def snapshot(self) -> dict[str, Any]:
        return {table.name: copy(getattr(self, table.name)) for table in fields(self)}

    def restore(self, tables: dict[str, Any]) -> None:
        for name, table in tables.items():
            setattr(self, name, table)


class FixedClock:
    """A clock that stops until it is set."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class RecordingPublisher:
    """Records what was published."""

    def __init__(self) -> None:
        self.published: list[DomainEvent] = []

    async def publish(self, *events: DomainEvent) -> None:
        self.published.extend(events)


class InMemoryUnitOfWork:
    """Puts everything back unless it was committed."""

    def __init__(self, store: Store, publisher: EventPublisher) -> None:
        self._store = store
        self._publisher = publisher
        self._before: dict[str, Any] | None = None

    async def __aenter__(self) -> Self:
        self._before = self._store.snapshot()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._before is not None:
            self._store.restore(self._before)

    async def commit(self, fact: Fact, *more: Fact) -> None:
        if self._before is None:
            raise RuntimeError("this unit of work has ended")
        self._before = None
        self._store.entries += [AuditEntry.of(each, origin.get()) for each in (fact, *more)]
        events = [each for each in (fact, *more) if isinstance(each, DomainEvent)]
        await self._publisher.publish(*events)


class InMemoryAuditTrail:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def append(self, *entries: AuditEntry) -> Result[None, Unavailable]:
        self._store.entries += entries
        return Success(None)

    async def since(
        self, moment: datetime, *, limit: int
    ) -> Result[Sequence[AuditEntry], Unavailable]:
        found = [entry for entry in self._store.entries if entry.occurred_at >= moment]
        return Success(sorted(found, key=lambda entry: entry.id)[:limit])


class EmptyOutbox:
    """`Outbox` with nothing in it."""

    async def resend(self, event_ids: Collection[UUID] | None) -> Success[Sequence[UUID]]:
        return Success([])

    async def backlog(self) -> Success[Backlog]:
        return Success(Backlog(waiting=0, dead=0, lags={}))


class _Owned(Protocol):
    @property
    def user_id(self) -> UserId: ...


T = TypeVar("T")
E = TypeVar("E")
Thing = TypeVar("Thing", bound=_Owned)


def one(found: T | None, missing: E) -> Result[T, E]:
    return Success(found) if found is not None else Failure(missing)


def owned(found: Thing | None, owner: UserId) -> Thing | None:
    return found if found is not None and found.user_id == owner else None
