"""Previews of large files: asked for, made by the relay, looked at, and deleted."""

import asyncio
from dataclasses import dataclass, replace
from hashlib import sha256

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.bring_statement import ImportStatementError
from dashtam.application.ledger.given_file import GivenFile
from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.application.ledger.profile_hints import ProfileHints
from dashtam.application.ledger.progress import ShownProgress
from dashtam.application.use_case import UseCase
from domain.ledger.errors import ImportIsRunning, PreviewNotFound
from domain.ledger.events import PreviewDeleted, PreviewRequested, PreviewViewed
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.ports import AccountRepository, PreviewRepository, ProgressBoard, QuotaMeter
from domain.ledger.previews import Preview, QueuedPreview
from domain.ledger.quotas import Quota
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, ImportId, ProfileId, UserId, new_id
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPreview(UseCase):
    """Keep a file and what was said along with it; announce that a preview of it is to be made."""

    accounts: AccountRepository
    profile_hints: ProfileHints
    previews: PreviewRepository
    quota_meter: QuotaMeter
    quota: Quota

    @audit_failures("preview.request", ResourceType.IMPORT)
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
    ) -> Result[QueuedPreview, ImportStatementError]:
        completed = await self.profile_hints(hints, csv_profile_id, user_id=user_id)
        if isinstance(completed, Failure):
            return completed
        digest = await asyncio.to_thread(lambda: sha256(content).digest())
        waiting = QueuedPreview(
            id=ImportId(new_id()),
            user_id=user_id,
            file_name=file_name,
            digest=digest,
            size=len(content),
            requested_at=self.clock.now(),
            hints=replace(completed.value, csv_profiles=()),
            account_id=account_id,
        )
        async with self.unit_of_work(owner=user_id) as uow:
            kept = await self._keep(waiting, content)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(waiting.requested())
        return Success(waiting)

    async def _keep(
        self, waiting: QueuedPreview, content: bytes
    ) -> Result[None, ImportStatementError]:
        owner = waiting.user_id
        if waiting.account_id:
            found = await self.accounts.get(waiting.account_id, owner=owner)
            if isinstance(found, Failure):
                return found
        added = await self.previews.add(waiting, content)
        if isinstance(added, Failure):
            return added
        usage = await self.quota_meter.usage(owner=owner)
        if isinstance(usage, Failure):
            return usage
        refusal = self.quota.refuse_storage(usage.value, added=added.value)
        refused = refusal or self.quota.refuse_waiting(usage.value)
        return Failure(refused) if refused else Success(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePreview:
    """Preview a small file at once; a large one, or where it is wished, later."""

    import_statement: ImportStatement
    request_preview: RequestPreview
    background_bytes: int

    async def __call__(
        self,
        *,
        user_id: UserId,
        file_name: str,
        content: bytes,
        hints: ReadingHints = NO_HINTS,
        account_id: AccountId | None = None,
        csv_profile_id: ProfileId | None = None,
        background: bool = False,
    ) -> Result[Preview | QueuedPreview, ImportStatementError]:
        later = background or len(content) > self.background_bytes
        take = self.request_preview if later else self.import_statement.preview
        return await take(
            user_id=user_id,
            file_name=file_name,
            content=content,
            hints=hints,
            account_id=account_id,
            csv_profile_id=csv_profile_id,
        )


MakePreviewError = ImportIsRunning | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePreview(UseCase):
    """React to a preview that was asked for: make it once, however often that is told."""

    import_statement: ImportStatement
    previews: PreviewRepository
    board: ProgressBoard

    @retry_on_conflict
    async def __call__(self, event: PreviewRequested) -> Result[None, MakePreviewError]:
        assert event.subject_id is not None
        assert event.actor.id is not None
        preview_id, owner = ImportId(event.subject_id), UserId(event.actor.id)
        found = await self._given(preview_id, owner)
        if isinstance(found, Failure) or found.value is None:
            return found if isinstance(found, Failure) else Success(None)
        progress = ShownProgress(self.board, preview_id, owner)
        try:
            # It is under way, though nobody knows yet how many rows there are.
            await progress.begin(0)
            made = await self.import_statement.foresee(found.value, progress)
        finally:
            await progress.end()
        return await self._settle(preview_id, owner, made)

    async def _given(
        self, preview_id: ImportId, owner: UserId
    ) -> Result[GivenFile | None, MakePreviewError]:
        """Return the file, if its preview is still to be made."""
        async with self.unit_of_work(owner=owner):
            found = await self._waiting(preview_id, owner)
            if isinstance(found, Failure):
                return found
            if found.value is None:
                return Success(None)
            waiting = found.value
            content = await self.previews.content(preview_id, owner=owner)
        if isinstance(content, Success):
            return Success(
                GivenFile(
                    user_id=owner,
                    file_name=waiting.file_name,
                    content=content.value,
                    hints=waiting.hints,
                    account_id=waiting.account_id,
                )
            )
        return _unless_gone(content.error)

    async def _waiting(
        self, preview_id: ImportId, owner: UserId
    ) -> Result[QueuedPreview | None, MakePreviewError]:
        """Return the preview under a lock; none where it is made, or gone."""
        locked = await self.previews.lock(preview_id, owner=owner)
        if isinstance(locked, Success):
            return Success(locked.value if locked.value.is_waiting else None)
        return _unless_gone(locked.error)

    async def _settle(
        self, preview_id: ImportId, owner: UserId, made: Result[Preview, ImportStatementError]
    ) -> Result[None, MakePreviewError]:
        if isinstance(made, Failure) and isinstance(made.error, Unavailable):
            return Failure(made.error)
        async with self.unit_of_work(owner=owner) as uow:
            found = await self._waiting(preview_id, owner)
            if isinstance(found, Failure) or found.value is None:
                return found if isinstance(found, Failure) else Success(None)
            now = self.clock.now()
            settled, event = (
                found.value.complete(made.value, at=now)
                if isinstance(made, Success)
                else found.value.refuse(made.error, at=now)
            )
            kept = await self.previews.settle(settled)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(event)
        return Success(None)


def _unless_gone(
    error: PreviewNotFound | MakePreviewError,
) -> Result[None, MakePreviewError]:
    return Success(None) if isinstance(error, PreviewNotFound) else Failure(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPreview(UseCase):
    """Show a preview, or where it stands."""

    previews: PreviewRepository

    @audit_failures("preview.view", ResourceType.IMPORT)
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self.previews.get(import_id, owner=user_id)
            if isinstance(found, Failure):
                return found
            actor, now = Actor.user(user_id), self.clock.now()
            await uow.commit(PreviewViewed(subject_id=import_id, actor=actor, occurred_at=now))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePreview(UseCase):
    """Delete a preview; one that is still to be made never is."""

    previews: PreviewRepository

    @audit_failures("preview.delete", ResourceType.IMPORT)
    @retry_on_conflict
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[None, PreviewNotFound | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            deleted = await self.previews.delete(import_id, owner=user_id)
            if isinstance(deleted, Failure):
                return deleted
            actor, now = Actor.user(user_id), self.clock.now()
            await uow.commit(PreviewDeleted(subject_id=import_id, actor=actor, occurred_at=now))
        return Success(None)
