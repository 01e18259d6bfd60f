"""Process queued files: the relay imports or previews each of them once."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.import_pipeline import ImportPipeline, PipelineError
from dashtam.application.ledger.progress import Progress, StoredProgress
from dashtam.application.use_case import UseCase
from domain.ledger.errors import ImportIsRunning, ImportNotFound, PreviewNotFound
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.ports import (
    FileArchive,
    ImportProgressStore,
    ImportRepository,
    PreviewRepository,
)
from domain.ledger.previews import QueuedPreview
from domain.shared.errors import DomainError, NotFound, Unavailable
from domain.shared.events import DomainEvent, Fact
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success

Q = TypeVar("Q", StatementImport, QueuedPreview)
#: How queued work ends: with which state, and which fact.
Ending = Callable[[Q], tuple[Q, Fact]]
#: Temporary errors: the relay tries again.
ProcessingError = ImportIsRunning | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessQueued(UseCase, ABC, Generic[Q]):
    """Process a file that was enqueued, once, however often the event is delivered.

    A file that cannot be processed fails for good; only temporary errors are tried again.
    """

    import_pipeline: ImportPipeline
    import_progress: ImportProgressStore

    @retry_on_conflict
    async def __call__(self, event: DomainEvent) -> Result[None, ProcessingError]:
        assert event.subject_id is not None
        assert event.actor.id is not None
        import_id, owner = ImportId(event.subject_id), UserId(event.actor.id)
        found = await self._request(import_id, owner)
        if isinstance(found, Failure):
            return await self._fail(import_id, owner, found.error)
        if found.value is None:
            return Success(None)
        progress = StoredProgress(self.import_progress, import_id, owner)
        try:
            # The import is being processed, though the number of rows is not known yet.
            await progress.begin(0)
            processed = await self._process(found.value, import_id, progress)
            if isinstance(processed, Failure):
                return await self._fail(import_id, owner, processed.error)
            if processed.value is None:
                return Success(None)
            return await self._end(import_id, owner, processed.value)
        finally:
            # Last: without progress, an import that has not ended would seem to wait again.
            await progress.end()

    @abstractmethod
    async def _lock(
        self, import_id: ImportId, owner: UserId
    ) -> Result[Q, NotFound | ProcessingError]: ...

    @abstractmethod
    async def _content(self, queued: Q) -> Result[bytes, NotFound | Unavailable]: ...

    @abstractmethod
    async def _process(
        self, request: ImportRequest, import_id: ImportId, progress: Progress
    ) -> Result["Ending[Q] | None", PipelineError | ProcessingError]:
        """Process the file; return how that ends, unless it has ended already."""

    @abstractmethod
    async def _complete(self, queued: Q) -> Result[None, Unavailable]: ...

    async def _request(
        self, import_id: ImportId, owner: UserId
    ) -> Result[ImportRequest | None, NotFound | ProcessingError]:
        """Return the request, if it is still to be processed."""
        async with self.unit_of_work(owner=owner):
            found = await self._waiting(import_id, owner)
            if isinstance(found, Failure):
                return found
            if found.value is None:
                return Success(None)
            content = await self._content(found.value)
        if isinstance(content, Failure):
            return content
        return Success(found.value.request(content.value))

    async def _waiting(
        self, import_id: ImportId, owner: UserId
    ) -> Result[Q | None, ProcessingError]:
        """Lock and return the queued file; return None if it is done, withdrawn or deleted."""
        locked = await self._lock(import_id, owner)
        if isinstance(locked, Success):
            return Success(locked.value if locked.value.is_waiting else None)
        if isinstance(locked.error, NotFound):
            return Success(None)
        return Failure(locked.error)

    async def _fail(
        self, import_id: ImportId, owner: UserId, error: DomainError
    ) -> Result[None, ProcessingError]:
        if isinstance(error, ImportIsRunning | Unavailable):
            return Failure(error)
        now = self.clock.now()
        return await self._end(import_id, owner, lambda queued: queued.refuse(error, at=now))

    async def _end(
        self, import_id: ImportId, owner: UserId, ending: Ending[Q]
    ) -> Result[None, ProcessingError]:
        async with self.unit_of_work(owner=owner) as uow:
            found = await self._waiting(import_id, owner)
            if isinstance(found, Failure):
                return found
            if found.value is None:
                return Success(None)
            ended, event = ending(found.value)
            completed = await self._complete(ended)
            if isinstance(completed, Failure):
                return completed
            await uow.commit(event)
        return Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessQueuedImport(ProcessQueued[StatementImport]):
    """Import a file that was enqueued; its rows and its end are one unit of work."""

    imports: ImportRepository
    files: FileArchive

    async def _lock(
        self, import_id: ImportId, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | ProcessingError]:
        return await self.imports.lock(import_id, owner=owner)

    async def _content(
        self, queued: StatementImport
    ) -> Result[bytes, ImportNotFound | Unavailable]:
        return await self.files.get(queued.digest, owner=queued.user_id)

    async def _process(
        self, request: ImportRequest, import_id: ImportId, progress: Progress
    ) -> Result[None, PipelineError | ProcessingError]:
        prepared = await self.import_pipeline.prepare(request)
        if isinstance(prepared, Failure):
            return prepared
        async with self.unit_of_work(owner=request.user_id) as uow:
            found = await self._waiting(import_id, request.user_id)
            if isinstance(found, Failure) or found.value is None:
                return found if isinstance(found, Failure) else Success(None)
            entered = await self.import_pipeline.enter(
                prepared.value, import_id, self._complete, progress
            )
            if isinstance(entered, Failure):
                return entered
            _, events = entered.value
            await uow.commit(*events)
        return Success(None)

    async def _complete(self, queued: StatementImport) -> Result[None, Unavailable]:
        return await self.imports.complete(queued)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessQueuedPreview(ProcessQueued[QueuedPreview]):
    """Preview a file that was enqueued; the preview is stored after its rows are rolled back."""

    previews: PreviewRepository

    async def _lock(
        self, import_id: ImportId, owner: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | ProcessingError]:
        return await self.previews.lock(import_id, owner=owner)

    async def _content(self, queued: QueuedPreview) -> Result[bytes, PreviewNotFound | Unavailable]:
        return await self.previews.content(queued.id, owner=queued.user_id)

    async def _process(
        self, request: ImportRequest, import_id: ImportId, progress: Progress
    ) -> Result["Ending[QueuedPreview]", PipelineError]:
        preview = await self.import_pipeline.dry_run(request, progress)
        if isinstance(preview, Failure):
            return preview
        made = preview.value
        return Success(lambda queued: queued.complete(made, at=self.clock.now()))

    async def _complete(self, queued: QueuedPreview) -> Result[None, Unavailable]:
        return await self.previews.complete(queued)
