"""Read the change feed."""

from dataclasses import dataclass

from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import CHANGES_VIEWED
from domain.ledger.changes import ChangesPage, CursorAhead, FeedCursor, HistoryChanged
from domain.ledger.ports import ChangeFeed
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChanges(UseCase):
    """List changes of a user's ledger, from the beginning or after a cursor."""

    changes: ChangeFeed

    @audited_query("changes.view", CHANGES_VIEWED, count_items)
    async def __call__(
        self, *, user_id: UserId, after: FeedCursor | None, limit: int
    ) -> Result[ChangesPage, CursorAhead | HistoryChanged | Unavailable]:
        return await self.changes.page(owner=user_id, after=after, limit=limit)
