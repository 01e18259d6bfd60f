"""Store what a provider has answered: documents to import, and the days that they cover."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from dashtam.application.connections.leased import lock_leased
from dashtam.application.connections.match_accounts import MatchAccounts
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.store_file import StorageError, StoreFile
from domain.connections.actions import DAYS_ANSWERED
from domain.connections.entities import Connection
from domain.connections.errors import LeaseLost
from domain.connections.events import ConnectionSynced
from domain.connections.links import AccountLink, find_link
from domain.connections.ports import ConnectionRepository, Lease, SyncSchedule
from domain.connections.providers import (
    AccountDocument,
    Fetched,
    ProviderTrouble,
    StatementRequest,
    TroubleKind,
)
from domain.connections.schedule import Due, after_success
from domain.connections.values import Capabilities, DueReason
from domain.ledger.entities import Account
from domain.ledger.hints import NO_HINTS
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.ports import AccountRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, Fact
from domain.shared.ids import ImportId, new_id
from domain.shared.ports import Clock, UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success

StoringError = ProviderTrouble | LeaseLost | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAnswer:
    """Stores an answer in one transaction: its documents, their days, and how the sync ended.

    A document that says the same as the one before is not stored. What is stored waits like any
    other file to be imported, and goes through the same pipeline.
    """

    connections: ConnectionRepository
    sync_schedule: SyncSchedule
    match_accounts: MatchAccounts
    accounts: AccountRepository
    store_file: StoreFile
    unit_of_work: UnitOfWorkFactory
    clock: Clock

    @retry_on_conflict
    async def __call__(
        self,
        fetched: Fetched,
        request: StatementRequest,
        *,
        lease: Lease,
        capabilities: Capabilities,
        is_last: bool,
        has_more: bool = False,
    ) -> Result[None, StoringError]:
        """Store an answer; with the last one the sync ends, though it `has_more` to ask."""
        async with self.unit_of_work(owner=lease.owner) as uow:
            locked = await self._lock(lease)
            if isinstance(locked, Failure):
                return locked
            connection, links = locked.value
            reported = self._reported(connection, links, fetched, request, capabilities)
            entered = await self._enter(connection, reported, fetched, request)
            if isinstance(entered, Failure):
                return entered
            noted, facts, changed = entered.value
            if is_last:
                due = self._due(links, noted, capabilities, has_more=has_more)
                ended = await self._finish(connection, noted, changed, lease, due)
            else:
                ended = await self._note(connection, noted, changed)
            if isinstance(ended, Failure):
                return ended
            await uow.commit(*ended.value, *facts)
        return Success(None)

    async def _lock(
        self, lease: Lease
    ) -> Result[tuple[Connection, Sequence[AccountLink]], LeaseLost | Unavailable]:
        locked = await lock_leased(lease, self.connections, self.sync_schedule)
        if isinstance(locked, Failure):
            return locked
        links = await self.connections.links(lease.connection_id, owner=lease.owner)
        return links if isinstance(links, Failure) else Success((locked.value, links.value))

    def _reported(
        self,
        connection: Connection,
        links: Sequence[AccountLink],
        fetched: Fetched,
        request: StatementRequest,
        capabilities: Capabilities,
    ) -> list[AccountLink]:
        """Return the links with the accounts and the problems that were reported."""
        now = self.clock.now()
        found: dict[object, AccountLink] = {each.id: each for each in links}
        known = dict[str, object]()
        keys = {each.key for each in fetched.accounts}
        for account in fetched.accounts:
            link = find_link([*found.values()], account, keys) or AccountLink.of(
                account,
                id=new_id(),
                user_id=connection.user_id,
                connection_id=connection.id,
                wanted_from=capabilities.first_day(now),
            )
            found[link.id] = link.reported(account)
            known[account.key] = link.id
        lacking = [each for each in links if each.id not in known.values()]
        if request.account_keys:
            lacking = [each for each in lacking if each.account_key in request.account_keys]
        for link in lacking:
            if fetched.unlisted:
                found[link.id] = link.failed(fetched.unlisted, at=now)
            elif not request.account_keys and fetched.accounts and not fetched.problems:
                found[link.id] = link.unreported()
        for key, problem in fetched.problems.items():
            if key in known:
                found[known[key]] = found[known[key]].failed(problem, at=now)
        return [*found.values()]

    async def _enter(
        self,
        connection: Connection,
        links: Sequence[AccountLink],
        fetched: Fetched,
        request: StatementRequest,
    ) -> Result[tuple[list[AccountLink], list[Fact], int], ProviderTrouble | Unavailable]:
        """Settle new links, and store what is new of those that are linked; count that."""
        linked = await self.connections.linked(owner=connection.user_id)
        if isinstance(linked, Failure):
            return linked
        accounts = await self.accounts.all(owner=connection.user_id)
        if isinstance(accounts, Failure):
            return accounts
        links = _linked_to_what_is_there(links, accounts.value)
        gone = _gone(links, fetched, request)
        filled = {key for key, each in linked.value.items() if each.id not in gone}
        matched = await self.match_accounts(connection, links, accounts.value, filled)
        if isinstance(matched, Failure):
            return matched
        settled, facts = matched.value
        stored = await self._store_all(settled, fetched, request)
        if isinstance(stored, Failure):
            return stored
        noted, received = stored.value
        return Success((noted, [*facts, *received], len(received)))

    async def _store_all(
        self, links: Sequence[AccountLink], fetched: Fetched, request: StatementRequest
    ) -> Result[tuple[list[AccountLink], list[Fact]], ProviderTrouble | Unavailable]:
        documents = {each.account_key: each for each in fetched.documents}
        asked = {each.key for each in fetched.accounts}
        if request.account_keys:
            # Of an account that is not listed, it is not said that it has no more history.
            asked &= set(request.account_keys)
        noted: list[AccountLink] = []
        facts: list[Fact] = []
        for link in links:
            key = link.account_key
            document = documents.get(key)
            is_silent = key in fetched.problems and not document
            if not link.is_entered or key not in asked or is_silent:
                noted.append(link)
                continue
            answered = self._answered(link, document, fetched, request)
            if document and document.fingerprint != link.fingerprint:
                stored = await self._store(answered, document)
                if isinstance(stored, Failure):
                    return stored
                import_id, fact = stored.value
                answered = answered.stored(document, import_id)
                facts.append(fact)
            noted.append(answered)
        return Success((noted, facts))

    def _answered(
        self,
        link: AccountLink,
        document: AccountDocument | None,
        fetched: Fetched,
        request: StatementRequest,
    ) -> AccountLink:
        """Return a link with the days that are known now; an answer with gaps covers none."""
        key = link.account_key
        if key in fetched.problems:
            return link
        covered = document.window if document else fetched.nothing_booked.get(key)
        return link.answered(covered, request.window, at=self.clock.now())

    async def _store(
        self, link: AccountLink, document: AccountDocument
    ) -> Result[tuple[ImportId, Fact], ProviderTrouble | Unavailable]:
        request = ImportRequest(
            user_id=link.user_id,
            file_name=document.file_name,
            content=document.content,
            account_id=link.account_id,
        )
        await asyncio.to_thread(lambda: request.digest)
        queued = StatementImport.enqueue(
            request, id=ImportId(new_id()), hints=NO_HINTS, at=self.clock.now()
        )
        stored = await self.store_file(queued, document.content, is_fetched=True)
        if isinstance(stored, Failure):
            return Failure(_trouble(stored.error))
        return Success((queued.id, queued.submitted()))

    async def _finish(
        self,
        connection: Connection,
        links: Sequence[AccountLink],
        changed: int,
        lease: Lease,
        due: Due,
    ) -> Result[list[Fact], LeaseLost | Unavailable]:
        """Store the links and how the sync ended; return the facts."""
        now, failing = self.clock.now(), _failing(links)
        done = connection.answered(failing=failing, at=now)
        reminded = done.remind(at=now)
        saved = await self.connections.save_links(links)
        if isinstance(saved, Failure):
            return saved
        updated = await self.connections.update(reminded[0] if reminded else done)
        if isinstance(updated, Failure):
            return updated
        next_one = due if done.is_synced else None
        finished = await self.sync_schedule.finish(lease, next_one, failures=0)
        if isinstance(finished, Failure):
            return finished
        synced = ConnectionSynced(
            subject_id=connection.id,
            actor=Actor.user(connection.user_id),
            occurred_at=now,
            accounts=sum(each.is_entered for each in links),
            changed=changed,
            failing=failing,
        )
        return Success([synced, reminded[1]] if reminded else [synced])

    def _due(
        self,
        before: Sequence[AccountLink],
        links: Sequence[AccountLink],
        capabilities: Capabilities,
        *,
        has_more: bool,
    ) -> Due:
        """Return when the connection is due again: at once, as long as history is answered."""
        now = self.clock.now()
        known = {each.id: each.coverage.window for each in before}
        if has_more or any(
            each.is_entered
            and not each.problem
            and not each.coverage.is_backfilled
            and each.coverage.window != known.get(each.id)
            for each in links
        ):
            return Due(now, DueReason.BACKFILL)
        return after_success(now, capabilities)

    async def _note(
        self, connection: Connection, links: Sequence[AccountLink], changed: int
    ) -> Result[list[Fact], Unavailable]:
        """Store the links after an answer that is not the last one."""
        saved = await self.connections.save_links(links)
        if isinstance(saved, Failure):
            return saved
        record = DAYS_ANSWERED.record(
            subject_id=connection.id,
            actor=Actor.user(connection.user_id),
            occurred_at=self.clock.now(),
            changed=changed,
            failing=_failing(links),
        )
        return Success([record])


def _linked_to_what_is_there(
    links: Sequence[AccountLink], accounts: Sequence[Account]
) -> list[AccountLink]:
    """Look for another account where one was deleted or merged: its number finds it."""
    there = {None, *(each.id for each in accounts)}
    return [each if each.account_id in there else each.unlinked() for each in links]


def _gone(links: Sequence[AccountLink], fetched: Fetched, request: StatementRequest) -> set[UUID]:
    """Return the links that are listed no longer: a new account may be one of them, anew."""
    if request.account_keys or fetched.unlisted:
        return set()
    keys = {each.key for each in fetched.accounts}
    return {each.id for each in links if each.account_key not in keys}


def _failing(links: Sequence[AccountLink]) -> int:
    return sum(each.problem is not None and each.is_asked_for for each in links)


def _trouble(error: StorageError) -> ProviderTrouble:
    return ProviderTrouble(error.detail, kind=TroubleKind.TRANSIENT)
