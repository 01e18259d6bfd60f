"""Submit files: they are processed at once, or stored and left to the relay."""

import asyncio
from dataclasses import dataclass, replace
from typing import TypeVar

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.import_pipeline import ImportPipeline, PipelineError, StoreFile
from dashtam.application.ledger.read_statement import ProfileHints
from dashtam.application.use_case import UseCase
from domain.ledger.errors import CsvProfileNotFound, FileNotKept, HintNeeded, ImportNotFound
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.ports import AccountRepository, FileArchive, ImportRepository
from domain.ledger.previews import Preview, QueuedPreview
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import ImportId, UserId, new_id
from domain.shared.result import Failure, Result, Success

Q = TypeVar("Q", StatementImport, QueuedPreview)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnqueueImport(UseCase):
    """Store a file with its hints, and publish an event: the relay processes the file."""

    accounts: AccountRepository
    imports: ImportRepository
    profile_hints: ProfileHints
    store_file: StoreFile

    @audit_failures("statement.receive", ResourceType.IMPORT)
    @retry_on_conflict
    async def __call__(self, request: ImportRequest) -> Result[StatementImport, PipelineError]:
        return await self._enqueue(StatementImport, request)

    @audit_failures("preview.request", ResourceType.IMPORT)
    @retry_on_conflict
    async def preview(self, request: ImportRequest) -> Result[QueuedPreview, PipelineError]:
        """Store the file, so that the relay makes a preview and imports nothing."""
        return await self._enqueue(QueuedPreview, request)

    @retry_on_conflict
    async def ask(
        self, request: ImportRequest, asked: HintNeeded
    ) -> Result[StatementImport, PipelineError]:
        """Store a file that leaves something open, until its questions are answered."""
        prepared = await self._prepared(StatementImport, request)
        if isinstance(prepared, Failure):
            return prepared
        stored, refused = prepared.value.refuse(asked, at=self.clock.now())
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

    async def _enqueue(self, kind: type[Q], request: ImportRequest) -> Result[Q, PipelineError]:
        prepared = await self._prepared(kind, request)
        if isinstance(prepared, Failure):
            return prepared
        async with self.unit_of_work(owner=request.user_id) as uow:
            found = await self._answered(prepared.value)
            if isinstance(found, Failure):
                return found
            queued = found.value
            is_known = queued is not prepared.value
            stored = await self._store(queued, request.content, is_known=is_known)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(queued.submitted())
        return Success(queued)

    async def _answered(self, queued: Q) -> Result[Q, Unavailable]:
        """Return the import of the same file that has questions open, with answers, if it has."""
        if not isinstance(queued, StatementImport):
            return Success(queued)
        asked = await self.imports.lock_asked(queued.digest, owner=queued.user_id)
        if isinstance(asked, Failure):
            return asked
        if asked.value is None:
            return Success(queued)
        now = self.clock.now()
        return Success(asked.value.wait_again(queued.hints, queued.account_id, at=now))

    async def _prepared(
        self, kind: type[Q], request: ImportRequest
    ) -> Result[Q, CsvProfileNotFound | Unavailable]:
        hints = await self.profile_hints(request)
        if isinstance(hints, Failure):
            return hints
        await asyncio.to_thread(lambda: request.digest)
        stated = replace(hints.value, csv_profiles=())
        import_id, now = ImportId(new_id()), self.clock.now()
        return Success(kind.enqueue(request, id=import_id, hints=stated, at=now))

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

    If that import was undone, its transactions are restored; otherwise nothing is new.
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
