"""Previews of large files: show and delete them."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.query import audited_query
from dashtam.application.use_case import UseCase
from domain.ledger.actions import PREVIEW_DELETED, PREVIEW_VIEWED
from domain.ledger.errors import PreviewNotFound
from domain.ledger.ports import PreviewRepository
from domain.ledger.previews import QueuedPreview
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import ImportId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPreview(UseCase):
    """Show a preview, or its progress."""

    previews: PreviewRepository

    @audited_query("preview.view", PREVIEW_VIEWED)
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[QueuedPreview, PreviewNotFound | Unavailable]:
        return await self.previews.get(import_id, owner=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePreview(UseCase):
    """Delete a preview; one that waits will not be made."""

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
            deletion = PREVIEW_DELETED.record(subject_id=import_id, actor=actor, occurred_at=now)
            await uow.commit(deletion)
        return Success(None)
