"""Take a file now, and bring it in later: the relay hands it to `BringReceived`."""

import asyncio
from dataclasses import dataclass, replace
from hashlib import sha256

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.bring_statement import (
    BringStatement,
    ImportStatementError,
    ReadFile,
)
from dashtam.application.ledger.given_file import GivenFile
from dashtam.application.ledger.keep_file import KeepFile
from dashtam.application.ledger.profile_hints import ProfileHints
from dashtam.application.ledger.progress import ShownProgress
from dashtam.application.ledger.repeat_import import Repetition
from dashtam.application.use_case import UseCase
from domain.ledger.errors import (
    ImportIsRunning,
    ImportNotFound,
    TooManyAccounts,
)
from domain.ledger.events import StatementReceived
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportStatus, StatementImport
from domain.ledger.ports import AccountRepository, FileArchive, ImportRepository, ProgressBoard
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import AccountId, ImportId, ProfileId, UserId, new_id
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveStatement(UseCase):
    """Keep a file and what was said along with it; announce that it is there to be brought in."""

    accounts: AccountRepository
    profile_hints: ProfileHints
    keep_file: KeepFile

    @audit_failures("statement.receive", ResourceType.IMPORT)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        user_id: UserId,
        file_name: str,
        content: bytes,
        hints: ReadingHints = NO_HINTS,
        account_id: AccountId | None = None,
        csv_profile_id: ProfileId | None = None,
    ) -> Result[StatementImport, ImportStatementError]:
        completed = await self.profile_hints(hints, csv_profile_id, user_id=user_id)
        if isinstance(completed, Failure):
            return completed
        digest = await asyncio.to_thread(lambda: sha256(content).digest())
        waiting = StatementImport(
            id=ImportId(new_id()),
            user_id=user_id,
            file_name=file_name,
            digest=digest,
            size=len(content),
            format="",
            imported_at=self.clock.now(),
            statements=[],
            quarantined=[],
            status=ImportStatus.WAITING,
            hints=replace(completed.value, csv_profiles=()),
            account_id=account_id,
        )
        async with self.unit_of_work(owner=user_id) as uow:
            kept = await self._keep(waiting, content)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(waiting.received())
        return Success(waiting)

    async def _keep(
        self, waiting: StatementImport, content: bytes
    ) -> Result[None, ImportStatementError]:
        if waiting.account_id:
            found = await self.accounts.get(waiting.account_id, owner=waiting.user_id)
            if isinstance(found, Failure):
                return found
        return await self.keep_file(waiting, content)


BringReceivedError = ImportIsRunning | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class BringReceived(UseCase):
    """React to a file that was received: bring it in once, however often that is told.

    Whether it is still to be done is asked under a lock, in the transaction that does it. A file
    that cannot be read is told so for good; only trouble that may pass is tried again.
    """

    bring_statement: BringStatement
    imports: ImportRepository
    files: FileArchive
    board: ProgressBoard

    @retry_on_conflict
    async def __call__(self, event: StatementReceived) -> Result[None, BringReceivedError]:
        assert event.subject_id is not None
        assert event.actor.id is not None
        import_id, owner = ImportId(event.subject_id), UserId(event.actor.id)
        found = await self._given(import_id, owner)
        if isinstance(found, Failure):
            return await self._without_file(import_id, owner, found.error)
        if found.value is None:
            return Success(None)
        progress = ShownProgress(self.board, import_id, owner)
        try:
            # It is under way, though nobody knows yet how many rows there are.
            await progress.begin(0)
            return await self._bring(found.value, import_id, progress)
        finally:
            await progress.end()

    async def _bring(
        self, given: GivenFile, import_id: ImportId, progress: ShownProgress
    ) -> Result[None, BringReceivedError]:
        ended = await self._try(given, import_id, progress)
        if isinstance(ended, Success):
            return ended
        if isinstance(ended.error, ImportIsRunning | Unavailable):
            return Failure(ended.error)
        return await self._refuse(import_id, given.user_id, ended.error)

    async def _try(
        self, given: GivenFile, import_id: ImportId, progress: ShownProgress
    ) -> Result[None, ImportIsRunning | ImportStatementError]:
        read = await self.bring_statement.prepare(given)
        if isinstance(read, Failure):
            return read
        return await self._enter(read.value, import_id, progress)

    async def _given(
        self, import_id: ImportId, owner: UserId
    ) -> Result[GivenFile | None, ImportNotFound | BringReceivedError]:
        """Return the file, if it is still to be brought in."""
        async with self.unit_of_work(owner=owner):
            found = await self._waiting(import_id, owner)
            if isinstance(found, Failure):
                return found
            waiting = found.value
            if waiting is None:
                return Success(None)
            content = await self.files.get(waiting.digest, owner=owner)
        if isinstance(content, Failure):
            return content
        return Success(
            GivenFile(
                user_id=owner,
                file_name=waiting.file_name,
                content=content.value,
                hints=waiting.hints,
                account_id=waiting.account_id,
            )
        )

    async def _waiting(
        self, import_id: ImportId, owner: UserId
    ) -> Result[StatementImport | None, BringReceivedError]:
        """Return the import under a lock; none where it is done, or withdrawn, or gone."""
        locked = await self.imports.lock(import_id, owner=owner)
        if isinstance(locked, Success):
            return Success(locked.value if locked.value.is_waiting else None)
        if isinstance(locked.error, ImportNotFound):
            return Success(None)
        return Failure(locked.error)

    async def _without_file(
        self, import_id: ImportId, owner: UserId, error: ImportNotFound | BringReceivedError
    ) -> Result[None, BringReceivedError]:
        if isinstance(error, ImportNotFound):
            return await self._refuse(import_id, owner, error)
        return Failure(error)

    async def _enter(
        self, read: ReadFile | Repetition, import_id: ImportId, progress: ShownProgress
    ) -> Result[None, TooManyAccounts | BringReceivedError]:
        owner = read.given.user_id
        async with self.unit_of_work(owner=owner) as uow:
            found = await self._waiting(import_id, owner)
            if isinstance(found, Failure) or found.value is None:
                return found if isinstance(found, Failure) else Success(None)
            brought = await self.bring_statement(read, import_id, progress)
            if isinstance(brought, Failure):
                return brought
            done, events = brought.value
            settled = await self.imports.settle(done)
            if isinstance(settled, Failure):
                return settled
            await uow.commit(done.imported(), *events)
        return Success(None)

    async def _refuse(
        self,
        import_id: ImportId,
        owner: UserId,
        error: ImportNotFound | ImportStatementError,
    ) -> Result[None, BringReceivedError]:
        async with self.unit_of_work(owner=owner) as uow:
            found = await self._waiting(import_id, owner)
            if isinstance(found, Failure) or found.value is None:
                return found if isinstance(found, Failure) else Success(None)
            failed, refused = found.value.refuse(error, at=self.clock.now())
            settled = await self.imports.settle(failed)
            if isinstance(settled, Failure):
                return settled
            await uow.commit(refused)
        return Success(None)
