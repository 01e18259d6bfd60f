"""Say which account of the ledger an account of a provider fills."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Self
from uuid import UUID

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.connections.match_accounts import MatchAccounts
from dashtam.application.connections.meter import Meter
from dashtam.application.connections.provider_list import first_day, provider_of
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.import_pipeline import ImportPipeline, PipelineError
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase, in_turn
from domain.connections.actions import LINK_PREVIEWED, LINKS_VIEWED
from domain.connections.entities import Connection
from domain.connections.errors import (
    ConnectionNotFound,
    ConnectionNotReady,
    CurrenciesDiffer,
    LinkIsSettled,
    LinkNotFound,
)
from domain.connections.links import AccountLink
from domain.connections.ports import ConnectionRepository, CredentialVault, SyncSchedule
from domain.connections.providers import (
    AccountDocument,
    Provider,
    ProviderTrouble,
    StatementRequest,
    TroubleKind,
)
from domain.connections.schedule import Due
from domain.connections.values import ONE_DAY, Credentials, DueReason, LinkStatus, Window
from domain.ledger.entities import Account
from domain.ledger.errors import AccountNotFound
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.listing import TransactionFilter
from domain.ledger.ports import AccountRepository, TransactionRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, Fact, ResourceType
from domain.shared.ids import AccountId, ConnectionId, UserId
from domain.shared.result import Failure, Result, Success

LinkError = (
    ConnectionNotFound
    | LinkNotFound
    | AccountNotFound
    | ConnectionNotReady
    | LinkIsSettled
    | CurrenciesDiffer
    | Unavailable
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLinks(UseCase):
    """List the accounts that a connection reports."""

    connections: ConnectionRepository

    @audited_query("links.view", LINKS_VIEWED, count)
    async def __call__(
        self, *, connection_id: ConnectionId, user_id: UserId
    ) -> Result[Sequence[AccountLink], ConnectionNotFound | Unavailable]:
        found = await self.connections.get(connection_id, owner=user_id)
        if isinstance(found, Failure):
            return found
        return await self.connections.links(connection_id, owner=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideLink(UseCase):
    """Link an account of a provider to one of the ledger, make it a new one, or ignore it.

    A linked account is synced at once, with its history.
    """

    connections: ConnectionRepository
    accounts: AccountRepository
    match_accounts: MatchAccounts
    sync_schedule: SyncSchedule
    providers: Sequence[Provider]

    @audit_failures("link.decide", ResourceType.CONNECTION)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        connection_id: ConnectionId,
        link_id: UUID,
        user_id: UserId,
        status: LinkStatus,
        account_id: AccountId | None,
    ) -> Result[AccountLink, LinkError]:
        """Decide; a `NEW` one becomes an account, and a `LINKED` one fills `account_id`."""
        async with self.unit_of_work(owner=user_id) as uow:
            locked = await _lock(self.connections, connection_id, link_id, user_id)
            if isinstance(locked, Failure):
                return locked
            connection, link = locked.value
            decided = await self._decide(connection, link, status, account_id)
            if isinstance(decided, Failure):
                return decided
            settled, facts = decided.value
            saved = await self.connections.save_links([settled])
            if isinstance(saved, Failure):
                return saved
            if settled.is_entered and connection.is_synced:
                due = Due(self.clock.now(), DueReason.ANSWERED)
                scheduled = await self.sync_schedule.set_due(connection_id, due, owner=user_id)
                if isinstance(scheduled, Failure):
                    return scheduled
            await uow.commit(*facts)
        return Success(settled)

    async def _decide(
        self,
        connection: Connection,
        link: AccountLink,
        status: LinkStatus,
        account_id: AccountId | None,
    ) -> Result[tuple[AccountLink, list[Fact]], LinkError]:
        if status is LinkStatus.IGNORED:
            ignored, record = link.ignore(at=self.clock.now())
            return Success((ignored, [record]))
        if status is LinkStatus.NEW:
            return await self._add(connection, link)
        account_id = account_id or link.account_id
        if account_id is None:
            return Failure(ConnectionNotReady("Say which account it fills: account_id."))
        return await self._link(connection, link, account_id)

    async def _add(
        self, connection: Connection, link: AccountLink
    ) -> Result[tuple[AccountLink, list[Fact]], LinkError]:
        if link.account_id:
            return Failure(LinkIsSettled("It fills an account of yours already."))
        added = await self.match_accounts.add(connection, link)
        if isinstance(added, Success) and not added.value[0].account_id:
            return Failure(ConnectionNotReady(added.value[0].problem_detail))
        return added

    async def _link(
        self, connection: Connection, link: AccountLink, account_id: AccountId
    ) -> Result[tuple[AccountLink, list[Fact]], LinkError]:
        account = await self.accounts.get(account_id, owner=link.user_id)
        if isinstance(account, Failure):
            return account
        refused = await _refusal(self.connections, link, account.value)
        if refused:
            return Failure(refused)
        if account_id != link.account_id:
            link = link.from_the_beginning(first_day(connection, self.providers, self.clock.now()))
        linked = link.link(account_id, at=self.clock.now())
        if isinstance(linked, Failure):
            return linked
        settled, event = linked.value
        return Success((settled, [event]))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPreview:
    """What linking would do, for the days of `window`.

    Of what the provider has, `certain` rows are in the account already, `to_decide` may be, and
    `only_there` would be new. `only_here` transactions of the account are not among them.
    """

    window: Window
    certain: int
    to_decide: int
    only_there: int
    only_here: int

    @classmethod
    def of(cls, outcome: StatementImport, window: Window, here: int) -> Self:
        """Compare what a dry run found with so many transactions that the account has."""
        certain = outcome.same + outcome.updates
        return cls(
            window=window,
            certain=certain,
            to_decide=outcome.suggested + outcome.conflict,
            only_there=outcome.new - outcome.suggested,
            only_here=max(here - certain - outcome.suggested, 0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLink(UseCase):
    """Show what it would do to link an account of a provider: it is asked, and nothing is kept."""

    connections: ConnectionRepository
    accounts: AccountRepository
    vault: CredentialVault
    sync_schedule: SyncSchedule
    providers: Sequence[Provider]
    import_pipeline: ImportPipeline
    transactions: TransactionRepository

    @audit_failures("link.preview", ResourceType.CONNECTION)
    async def __call__(
        self,
        *,
        connection_id: ConnectionId,
        link_id: UUID,
        user_id: UserId,
        account_id: AccountId,
    ) -> Result[LinkPreview, LinkError | ProviderTrouble | PipelineError]:
        async with self.unit_of_work(owner=user_id):
            locked = await _lock(self.connections, connection_id, link_id, user_id)
            account = await self.accounts.get(account_id, owner=user_id)
            credentials = await self.vault.reveal(connection_id, owner=user_id)
            if isinstance(locked, Failure):
                return locked
            if isinstance(account, Failure):
                return account
            connection, link = locked.value
            refused = await _refusal(self.connections, link, account.value)
        if refused:
            return Failure(refused)
        if isinstance(credentials, Failure) or not connection.may_be_asked:
            return Failure(ConnectionNotReady("The connection cannot ask anything at present."))
        document = await self._fetch(connection, link, credentials.value)
        if isinstance(document, Failure):
            await self._stop(connection, document.error)
            return document
        return await self._compare(document.value, link, account_id)

    async def _stop(
        self, connection: Connection, error: ProviderTrouble | ConnectionNotReady
    ) -> None:
        """Ask nothing more if a person is needed: what was refused here is not tried again."""
        need = error.kind.need if isinstance(error, ProviderTrouble) else None
        if need is None:
            return
        owner, now = connection.user_id, self.clock.now()
        async with self.unit_of_work(owner=owner) as uow:
            locked = await self.connections.lock(connection.id, owner=owner)
            if isinstance(locked, Failure) or locked.value != connection:
                return
            stopped, event = connection.require(need, error.detail, at=now)
            written = await in_turn(
                lambda: self.connections.update(stopped),
                lambda: self.sync_schedule.set_due(connection.id, None, owner=owner),
            )
            if isinstance(written, Success):
                await uow.commit(event)

    async def _fetch(
        self, connection: Connection, link: AccountLink, credentials: Credentials
    ) -> Result[AccountDocument, ProviderTrouble | ConnectionNotReady]:
        """Ask for the latest days of one account."""
        provider = provider_of(connection.provider, self.providers)
        if isinstance(provider, Failure):
            return Failure(ConnectionNotReady(provider.error.detail))
        capabilities = provider.value.capabilities
        meter = Meter(connection, capabilities, self.sync_schedule, self.clock)
        now = self.clock.now()
        today = now.astimezone(UTC).date()
        days = Window(today - (capabilities.window_days - 1) * ONE_DAY, today)
        request = StatementRequest(account_keys=(link.account_key,), window=days)
        fetched = await provider.value.source.fetch(credentials, request, now=now, meter=meter)
        if isinstance(fetched, Failure):
            return fetched
        problem = fetched.value.problems.get(link.account_key)
        if problem:
            return Failure(ConnectionNotReady(problem.detail))
        for each in fetched.value.documents:
            if each.account_key == link.account_key:
                return Success(each)
        detail = "The provider has nothing of these days to compare."
        return Failure(ProviderTrouble(detail, kind=TroubleKind.TRANSIENT))

    async def _compare(
        self, document: AccountDocument, link: AccountLink, account_id: AccountId
    ) -> Result[LinkPreview, PipelineError]:
        request = ImportRequest(
            user_id=link.user_id,
            file_name=document.file_name,
            content=document.content,
            account_id=account_id,
        )
        preview = await self.import_pipeline.dry_run(request)
        if isinstance(preview, Failure):
            return preview
        today = self.clock.now().astimezone(UTC).date()
        window = document.window or Window(today, today)
        here = await self._count(link, account_id, window)
        if isinstance(here, Failure):
            return here
        return Success(LinkPreview.of(preview.value.outcome, window, here.value))

    async def _count(
        self, link: AccountLink, account_id: AccountId, window: Window
    ) -> Result[int, Unavailable]:
        """Return how many transactions of these days the account has, and record the preview."""
        owner = link.user_id
        where = TransactionFilter(booked_from=window.first, booked_to=window.last)
        record = LINK_PREVIEWED.record(
            subject_id=link.connection_id,
            actor=Actor.user(owner),
            occurred_at=self.clock.now(),
            link_id=str(link.id),
        )
        async with self.unit_of_work(owner=owner) as uow:
            totals = await self.transactions.totals(account_id, owner=owner, where=where)
            if isinstance(totals, Failure):
                return totals
            await uow.commit(record)
        return Success(sum(each.count for each in totals.value))


async def _lock(
    connections: ConnectionRepository, connection_id: ConnectionId, link_id: UUID, owner: UserId
) -> Result[tuple[Connection, AccountLink], ConnectionNotFound | LinkNotFound | Unavailable]:
    """Lock and return a connection and one of the accounts that it reports."""
    found = await connections.lock(connection_id, owner=owner)
    if isinstance(found, Failure):
        return found
    link = await connections.lock_link(link_id, owner=owner)
    if isinstance(link, Failure):
        return link
    if link.value.connection_id != connection_id:
        return Failure(LinkNotFound("The connection has no such account."))
    return Success((found.value, link.value))


async def _refusal(
    connections: ConnectionRepository, link: AccountLink, account: Account
) -> LinkIsSettled | CurrenciesDiffer | Unavailable | None:
    """Return why an account of a provider cannot fill an account, if so."""
    if link.currency and link.currency != account.currency:
        return CurrenciesDiffer("The two accounts have different currencies.")
    taken = await connections.linked(owner=link.user_id)
    if isinstance(taken, Failure):
        return taken.error
    other = taken.value.get(account.id)
    # One that the provider lists no longer was perhaps connected anew, as this one.
    if other is None or other.id == link.id or other.missing:
        return None
    return LinkIsSettled(
        "Another account of a provider fills that one. Renew its connection, or ignore this one."
    )
