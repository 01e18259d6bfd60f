"""Submit files: they are processed at once, or stored and left to the relay."""

import asyncio
from dataclasses import dataclass, replace
from typing import TypeVar

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.earlier_import import FindEarlierImport
from dashtam.application.ledger.import_pipeline import ImportPipeline, PipelineError
from dashtam.application.ledger.read_statement import ProfileHints
from dashtam.application.ledger.store_file import StoreFile
from dashtam.application.use_case import UseCase
from domain.ledger.errors import CsvProfileNotFound, FileNotKept, HintNeeded, ImportNotFound
from domain.ledger.hints import ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.ports import AccountRepository, FileArchive, ImportRepository
from domain.ledger.previews import Preview, QueuedPreview
from domain.shared.errors import Unavailable
from domain.shared.events import Fact, ResourceType
from domain.shared.ids import ImportId, UserId, new_id
from domain.shared.result import Failure, Result, Success

Q = TypeVar("Q", StatementImport, QueuedPreview)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnqueueImport(UseCase):
    """Store a file with its hints, and publish an event: the relay processes the file."""

    accounts: AccountRepository
    find_earlier_import: FindEarlierImport
    imports: ImportRepository
    profile_hints: ProfileHints
    store_file: StoreFile

    @audit_failures("statement.receive", ResourceType.IMPORT)
    @retry_on_conflict
    async def __call__(self, request: ImportRequest) -> Result[StatementImport, PipelineError]:
        hints = await self._hints(request)
        if isinstance(hints, Failure):
            return hints
        async with self.unit_of_work(owner=request.user_id) as uow:
            enqueued = await self._enqueue_once(request, hints.value)
            if isinstance(enqueued, Failure):
                return enqueued
            queued, fact = enqueued.value
            await uow.commit(fact)
        return Success(queued)

    @audit_failures("preview.request", ResourceType.IMPORT)
    @retry_on_conflict
    async def preview(self, request: ImportRequest) -> Result[QueuedPreview, PipelineError]:
        """Store the file, so that the relay makes a preview and imports nothing."""
        hints = await self._hints(request)
        if isinstance(hints, Failure):
            return hints
        queued = self._queued(QueuedPreview, request, hints.value)
        async with self.unit_of_work(owner=request.user_id) as uow:
            stored = await self._store(queued, request.content, is_known=False)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(queued.submitted())
        return Success(queued)

    @retry_on_conflict
    async def ask(
        self, request: ImportRequest, asked: HintNeeded
    ) -> Result[StatementImport, PipelineError]:
        """Store a file that leaves something open, until its questions are answered."""
        hints = await self._hints(request)
        if isinstance(hints, Failure):
            return hints
        queued = self._queued(StatementImport, request, hints.value)
        stored, refused = queued.refuse(asked, at=self.clock.now())
        async with self.unit_of_work(owner=request.user_id) as uow:
            before = await self.imports.lock_asked(request.digest, owner=request.user_id)
            if isinstance(before, Failure):
                return before
            if before.value:
                stored = replace(stored, id=before.value.id)
                refused = replace(refused, subject_id=stored.id)
            done = await self.store_file(stored, request.content, is_known=bool(before.value))
            if isinstance(done, Failure):
                return done
            await uow.commit(refused)
        return Success(stored)

    async def _enqueue_once(
        self, request: ImportRequest, hints: ReadingHints
    ) -> Result[tuple[StatementImport, Fact], PipelineError]:
        """Let the file wait, unless it has an import already."""
        # An import of the file that has questions open waits again, with these answers.
        asked = await self.imports.lock_asked(request.digest, owner=request.user_id)
        if isinstance(asked, Failure):
            return asked
        found = await self.find_earlier_import(request, hints)
        if isinstance(found, Failure):
            return found
        if found.value:
            return Success(found.value)
        queued = self._queued(StatementImport, request, hints)
        if asked.value:
            now = self.clock.now()
            queued = asked.value.wait_again(queued.hints, queued.account_id, at=now)
        stored = await self._store(queued, request.content, is_known=bool(asked.value))
        return stored if isinstance(stored, Failure) else Success((queued, queued.submitted()))

    async def _hints(
        self, request: ImportRequest
    ) -> Result[ReadingHints, CsvProfileNotFound | Unavailable]:
        await asyncio.to_thread(lambda: request.digest)
        return await self.profile_hints(request)

    def _queued(self, kind: type[Q], request: ImportRequest, hints: ReadingHints) -> Q:
        stated = replace(hints, csv_profiles=())
        import_id, now = ImportId(new_id()), self.clock.now()
        return kind.enqueue(request, id=import_id, hints=stated, at=now)

    async def _store(
        self, queued: StatementImport | QueuedPreview, content: bytes, *, is_known: bool
    ) -> Result[None, PipelineError]:
        if queued.account_id:
            found = await self.accounts.get(queued.account_id, owner=queued.user_id)
            if isinstance(found, Failure):
                return found
        return await self.store_file(queued, content, is_known=is_known)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitImport:
    """Process a small file at once; enqueue a large one, or one that may wait.

    A file that leaves something open is stored, so that its questions can be answered.
    """

    import_pipeline: ImportPipeline
    enqueue_import: EnqueueImport
    background_bytes: int

    async def __call__(self, request: ImportRequest) -> Result[StatementImport, PipelineError]:
        submitted = await self._pipeline_for(request)(request)
        if isinstance(submitted, Failure) and isinstance(submitted.error, HintNeeded):
            asked = submitted.error
            stored = await self.enqueue_import.ask(request, asked)
            if isinstance(stored, Success):
                return Failure(replace(asked, import_id=stored.value.id))
        return submitted

    async def preview(
        self, request: ImportRequest
    ) -> Result[Preview | QueuedPreview, PipelineError]:
        """Return what an import would do, or the queued preview that will show it."""
        return await self._pipeline_for(request).preview(request)

    def _pipeline_for(self, request: ImportRequest) -> ImportPipeline | EnqueueImport:
        later = request.background or len(request.content) > self.background_bytes
        return self.enqueue_import if later else self.import_pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class ReimportStatement(UseCase):
    """Submit the stored file of an import again, with the same hints.

    If that import was undone, its transactions are restored. One that is active is answered as it
    is, unless another release read it.
    """

    imports: ImportRepository
    files: FileArchive
    submit_import: SubmitImport

    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[StatementImport, ImportNotFound | FileNotKept | PipelineError]:
        found = await self._request(import_id=import_id, user_id=user_id)
        return found if isinstance(found, Failure) else await self.submit_import(found.value)

    @audit_failures("statement.reimport", ResourceType.IMPORT)
    async def _request(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[ImportRequest, ImportNotFound | FileNotKept | Unavailable]:
        async with self.unit_of_work(owner=user_id):
            found = await self.imports.get(import_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            content = await self.files.get(found.value.digest, owner=user_id)
        if isinstance(content, Success):
            return Success(found.value.request(content.value))
        if isinstance(content.error, ImportNotFound):
            return Failure(
                FileNotKept("The file was deleted, because its import failed. Send it again.")
            )
        return Failure(content.error)
