"""Read what changed."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.use_case import UseCase
from domain.ledger.changes import ChangesPage, CursorAhead, FeedCursor, HistoryChanged
from domain.ledger.events import ChangesViewed
from domain.ledger.ports import ChangeFeed
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanges(UseCase):
    """List changes of a user's ledger, from the beginning or from where somebody stopped."""

    changes: ChangeFeed

    @audit_failures("changes.view", ResourceType.ACCOUNT)
    async def __call__(
        self, *, user_id: UserId, after: FeedCursor | None, limit: int
    ) -> Result[ChangesPage, CursorAhead | HistoryChanged | Unavailable]:
        async with self.unit_of_work(owner=user_id) as uow:
            page = await self.changes.page(owner=user_id, after=after, limit=limit)
            if isinstance(page, Failure):
                return page
            await uow.commit(
                ChangesViewed(
                    subject_id=None,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    count=len(page.value.items),
                )
            )
        return page
