"""Submit files: they are processed at once, or stored and left to the relay."""

import asyncio
from dataclasses import dataclass, replace
from typing import TypeVar

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.import_pipeline import ImportPipeline, PipelineError, StoreFile
from dashtam.application.ledger.read_statement import ProfileHints
from dashtam.application.use_case import UseCase
from domain.ledger.errors import FileNotKept, ImportNotFound
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

    async def _enqueue(self, kind: type[Q], request: ImportRequest) -> Result[Q, PipelineError]:
        hints = await self.profile_hints(request)
        if isinstance(hints, Failure):
            return hints
        await asyncio.to_thread(lambda: request.digest)
        queued = kind.enqueue(
            request,
            id=ImportId(new_id()),
            hints=replace(hints.value, csv_profiles=()),
            at=self.clock.now(),
        )
        async with self.unit_of_work(owner=request.user_id) as uow:
            stored = await self._store(queued, request.content)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(queued.submitted())
        return Success(queued)

    async def _store(
        self, queued: StatementImport | QueuedPreview, content: bytes
    ) -> Result[None, PipelineError]:
        if queued.account_id:
            found = await self.accounts.get(queued.account_id, owner=queued.user_id)
            if isinstance(found, Failure):
                return found
        return await self.store_file(queued, content)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitImport:
    """Process a small file at once; enqueue a large one, or one that may wait."""

    import_pipeline: ImportPipeline
    enqueue_import: EnqueueImport
    background_bytes: int

    async def __call__(self, request: ImportRequest) -> Result[StatementImport, PipelineError]:
        return await self._pipeline_for(request)(request)

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
