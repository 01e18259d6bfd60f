"""Make imports again in another order or for another account: first all of them are undone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from dashtam.application.ledger.import_pipeline import ImportPipeline, PipelineError
from dashtam.application.ledger.progress import NO_PROGRESS
from dashtam.application.ledger.read_statement import ParsedFile
from dashtam.application.ledger.undo_import import WithdrawImport
from domain.ledger.entities import Account
from domain.ledger.errors import ImportIsRunning, ImportIsUndone, ImportNotFound
from domain.ledger.imports import StatementImport
from domain.ledger.ports import AccountRepository, FileArchive, ImportRepository
from domain.shared.errors import Unavailable
from domain.shared.events import DomainEvent
from domain.shared.ids import AccountId, ImportId, UserId, new_id
from domain.shared.ports import UnitOfWorkFactory
from domain.shared.result import Failure, Result, Success

WithdrawError = ImportNotFound | ImportIsRunning | ImportIsUndone | Unavailable
RepeatError = ImportNotFound | PipelineError | WithdrawError
Entered = tuple[list[StatementImport], list[DomainEvent]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatImports:
    """Reads the files of imports, undoes the imports, and makes them again.

    `read` opens units of work of its own. The others work in that of the caller, who has locked
    the accounts, and commits the events.
    """

    accounts: AccountRepository
    files: FileArchive
    imports: ImportRepository
    import_pipeline: ImportPipeline
    withdraw_import: WithdrawImport
    unit_of_work: UnitOfWorkFactory

    async def read(
        self, imports: Sequence[StatementImport], *, of: AccountId, into: Account
    ) -> Result[list[ParsedFile], RepeatError]:
        """Read their files; one that was said to be of an account is read `into` this one."""
        parsed: list[ParsedFile] = []
        for each in imports:
            content = await self._content(each)
            if isinstance(content, Failure):
                return content
            request = each.request(content.value)
            named = into if request.account_id == of else None
            request = replace(request, account_id=named.id) if named else request
            read = await self.import_pipeline.read_file(request, named)
            if isinstance(read, Failure):
                return read
            parsed.append(read.value)
        return Success(parsed)

    async def lock(
        self, imports: Collection[ImportId], accounts: Collection[AccountId], owner: UserId
    ) -> Result[list[StatementImport], WithdrawError]:
        """Lock imports, and then these accounts and theirs; return the imports as they are then."""
        begun = await self.imports.allow_long_transaction(steps=True)
        if isinstance(begun, Failure):
            return begun
        locked: list[StatementImport] = []
        for import_id in sorted(imports):
            found = await self.imports.lock(import_id, owner=owner)
            if isinstance(found, Failure):
                return found
            locked.append(found.value)
        theirs = set(accounts).union(*(each.accounts for each in locked))
        done = await self.accounts.lock(theirs, owner=owner)
        return done if isinstance(done, Failure) else Success(locked)

    async def withdraw(
        self, imports: Sequence[StatementImport]
    ) -> Result[list[DomainEvent], WithdrawError]:
        """Undo imports, the latest first."""
        events: list[DomainEvent] = []
        for each in sorted(imports, key=lambda each: each.id, reverse=True):
            withdrawn = await self.withdraw_import(each)
            if isinstance(withdrawn, Failure):
                return withdrawn
            events += withdrawn.value
        return Success(events)

    async def enter(self, files: Sequence[ParsedFile]) -> Result[Entered, PipelineError]:
        """Import files, in this order."""
        imports: list[StatementImport] = []
        events: list[DomainEvent] = []
        for each in files:
            store = partial(self.import_pipeline.store_file, content=each.request.content)
            import_id = ImportId(new_id())
            entered = await self.import_pipeline.enter(each, import_id, store, NO_PROGRESS)
            if isinstance(entered, Failure):
                return entered
            done, happened = entered.value
            imports.append(done)
            events += happened
        return Success((imports, events))

    async def _content(self, of: StatementImport) -> Result[bytes, ImportNotFound | Unavailable]:
        async with self.unit_of_work(owner=of.user_id):
            return await self.files.get(of.digest, owner=of.user_id)
