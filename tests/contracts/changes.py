"""What every implementation of `ChangeFeed` must do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from domain.ledger.changes import Change, ChangesPage, CursorAhead, FeedCursor, HistoryChanged
from domain.ledger.ports import ChangeFeed
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Success


@dataclass(frozen=True)
class FeedSample:
    """A feed, and all its changes for its owner, in order."""

    feed: ChangeFeed
    owner: UserId
    whole: Sequence[Change]
    history: UUID

    @property
    def beginning(self) -> FeedCursor:
        return FeedCursor.beginning(self.history)

    async def page(self, after: FeedCursor | None, limit: int) -> ChangesPage:
        page = await self.feed.page(owner=self.owner, after=after, limit=limit)
        assert isinstance(page, Success)
        return page.value


class ChangeFeedContract:
    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 500])
    async def test_pages_of_any_size_contain_every_change(
        self, sample: FeedSample, limit: int
    ) -> None:
        listed: list[Change] = []
        page = await sample.page(None, limit)
        listed += page.items
        while page.has_more:
            page = await sample.page(page.next, limit)
            assert len(page.items) <= limit
            listed += page.items

        assert listed == list(sample.whole)
        assert len(listed) > 5

    async def test_continues_after_every_cursor(self, sample: FeedSample) -> None:
        for at, change in enumerate(sample.whole, 1):
            page = await sample.page(change.cursor, 500)
            assert list(page.items) == list(sample.whole[at:])

    async def test_reports_whether_more_follows_and_from_where(self, sample: FeedSample) -> None:
        first, second, *_ = sample.whole
        last = sample.whole[-1].cursor

        assert await sample.page(None, 1) == ChangesPage(
            items=[first], next=first.cursor, has_more=True
        )
        assert (await sample.page(first.cursor, 1)).items == [second]
        assert await sample.page(last, 1) == ChangesPage(items=[], next=last, has_more=False)
        assert not (await sample.page(sample.beginning, len(sample.whole))).has_more

    async def test_accepts_a_cursor_between_changes(self, sample: FeedSample) -> None:
        last = sample.whole[-1].cursor
        between = replace(last, position=last.position - 1, version=last.version + 7)

        page = await sample.page(between, 500)

        assert page.items
        assert all(change.cursor.position >= between.position for change in page.items)

    async def test_refuses_a_cursor_from_the_future(self, sample: FeedSample) -> None:
        later = replace(sample.beginning, position=2**62)

        page = await sample.feed.page(owner=sample.owner, after=later, limit=1)

        assert isinstance(page, Failure)
        assert isinstance(page.error, CursorAhead)

    async def test_refuses_a_cursor_of_another_history(self, sample: FeedSample) -> None:
        another = FeedCursor.beginning(UUID(int=sample.history.int ^ 1 << 100))
        cursors = [change.cursor for change in sample.whole]

        for cursor in (another, *(replace(each, history=another.history) for each in cursors)):
            page = await sample.feed.page(owner=sample.owner, after=cursor, limit=1)
            assert page == Failure(HistoryChanged.by_restore())

    async def test_lists_nothing_for_another_user(self, sample: FeedSample) -> None:
        stranger = UserId(new_id())

        page = await sample.feed.page(owner=stranger, after=None, limit=500)

        assert page == Success(ChangesPage(items=[], next=sample.beginning, has_more=False))
