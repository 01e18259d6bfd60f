"""List what waits for a user's decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import INBOX_VIEWED
from domain.ledger.errors import PeriodTooLong
from domain.ledger.inbox import InboxCursor, InboxItem, InboxKind, InboxPage, InnerCursor
from domain.ledger.ports import ConflictRepository, MatchRepository, TransferRepository
from domain.ledger.search_window import SearchWindow
from domain.ledger.suggested_matches import MatchStatus
from domain.ledger.transfers import TransferCursor
from domain.shared.errors import Unavailable
from domain.shared.ids import MatchId, TransactionId, UserId
from domain.shared.pages import MAX_PAGE_SIZE, IdCursor
from domain.shared.result import Failure, Result, Success

Listed = tuple[Sequence[InboxItem], InnerCursor | None]
InboxError = PeriodTooLong | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInbox(UseCase):
    """List a page of conflicts, suggested matches and suggested transfers, one kind after another.

    The first page counts what waits, up to the size of the largest page.
    """

    conflicts: ConflictRepository
    matches: MatchRepository
    transfers: TransferRepository

    @audited_query("inbox.view", INBOX_VIEWED, count_items)
    async def __call__(
        self, *, user_id: UserId, kind: InboxKind | None, after: InboxCursor | None, limit: int
    ) -> Result[InboxPage, InboxError]:
        kinds = [kind] if kind else list(InboxKind)
        page = await self._page(user_id, kinds, after, limit)
        if isinstance(page, Failure) or after:
            return page
        waiting: dict[InboxKind, int] = {}
        for each in kinds:
            listed = await self._listed(each, user_id, None, MAX_PAGE_SIZE)
            if isinstance(listed, Failure):
                return listed
            waiting[each] = len(listed.value[0])
        return Success(InboxPage(page.value.items, page.value.next, waiting))

    async def _page(
        self, user_id: UserId, kinds: Sequence[InboxKind], after: InboxCursor | None, limit: int
    ) -> Result[InboxPage, InboxError]:
        left = [each for each in kinds if after is None or each.rank >= after.kind.rank]
        items: list[InboxItem] = []
        for each in left:
            if len(items) == limit:
                return Success(InboxPage(items, InboxCursor(each)))
            begin = after.after if after and after.kind is each else None
            listed = await self._listed(each, user_id, begin, limit - len(items))
            if isinstance(listed, Failure):
                return listed
            found, more = listed.value
            items += found
            if more:
                return Success(InboxPage(items, InboxCursor(each, more)))
        return Success(InboxPage(items, None))

    async def _conflicts(
        self, user_id: UserId, after: TransactionId | None, limit: int
    ) -> Result[Listed, InboxError]:
        conflicts = await self.conflicts.page(owner=user_id, after=after, limit=limit)
        if isinstance(conflicts, Failure):
            return conflicts
        items = [InboxItem(InboxKind.CONFLICT, each) for each in conflicts.value.items]
        return Success((items, conflicts.value.next))

    async def _listed(
        self, kind: InboxKind, user_id: UserId, after: InnerCursor | None, limit: int
    ) -> Result[Listed, InboxError]:
        """Return items of one kind, and the cursor after them, if there are more."""
        if kind is InboxKind.TRANSFER:
            return await self._transfers(user_id, after, limit)
        after_id = after.id if isinstance(after, IdCursor) else None
        if kind is InboxKind.CONFLICT:
            conflict_id = TransactionId(after_id) if after_id else None
            return await self._conflicts(user_id, conflict_id, limit)
        match_id = MatchId(after_id) if after_id else None
        matches = await self.matches.page(
            MatchStatus.SUGGESTED, owner=user_id, after=match_id, limit=limit
        )
        if isinstance(matches, Failure):
            return matches
        items = [InboxItem(kind, each) for each in matches.value.items]
        return Success((items, matches.value.next))

    async def _transfers(
        self, user_id: UserId, after: InnerCursor | None, limit: int
    ) -> Result[Listed, InboxError]:
        """Return suggested transfers of the usual days, as their own list has them."""
        booked = await self.transfers.newest_booking(owner=user_id)
        if isinstance(booked, Failure):
            return booked
        period = SearchWindow().to_search(booked.value or self.clock.now().date())
        if isinstance(period, Failure):
            return period
        found = await self.transfers.suggestions(
            owner=user_id,
            period=period.value,
            after=after if isinstance(after, TransferCursor) else None,
            limit=limit,
        )
        if isinstance(found, Failure):
            return found
        items = [InboxItem(InboxKind.TRANSFER, each) for each in found.value.items]
        return Success((items, found.value.next))
