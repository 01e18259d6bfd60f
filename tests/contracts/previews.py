"""What every store of previews must do."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.ledger.errors import PreviewNotFound, UnreadableStatement
from domain.ledger.imported import ImportRow, ImportRowsPage, RowCursor, Stated
from domain.ledger.imports import ImportProgress, ImportStatus
from domain.ledger.previews import Preview, QueuedPreview
from domain.ledger.quotas import QuotaUsage
from domain.ledger.values import MatchResult
from domain.shared.ids import TransactionId, UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests.contracts.background import HINTS
from tests.contracts.world import World
from tests.factories import NOON, make_import, make_preview

CONTENT = b"OFX" * 1000
STATED = Stated(
    booking_date=date(2026, 3, 1),
    amount=Money(Decimal("-12.50"), "EUR"),
    payee="Coffee house",
    description="Two cups",
)
MISSING = Failure(PreviewNotFound("No such preview. Previews are deleted after a day."))


async def requested(world: World, owner: UserId) -> QueuedPreview:
    """Add a preview that is still to be made."""
    queued = replace(make_preview(owner), hints=HINTS)
    assert isinstance(await world.previews.add(queued, CONTENT), Success)
    return queued


def foreseen(queued: QueuedPreview) -> Preview:
    outcome = replace(make_import(queued.user_id), digest=queued.digest, hints=HINTS)
    row = ImportRow(3, MatchResult.SAME, TransactionId(new_id()), STATED)
    return Preview(outcome, ImportRowsPage([row], RowCursor(3, new_id(), 1)))


class PreviewRepositoryContract:
    async def test_stores_the_request(self, world: World) -> None:
        queued = await requested(world, (await world.user()).id)

        assert await world.previews.get(queued.id, owner=queued.user_id) == Success(queued)
        assert await world.previews.lock(queued.id, owner=queued.user_id) == Success(queued)
        assert await world.previews.content(queued.id, owner=queued.user_id) == Success(CONTENT)

    async def test_stores_the_result_and_deletes_the_file(self, world: World) -> None:
        queued = await requested(world, (await world.user()).id)
        done, _ = queued.complete(foreseen(queued), at=NOON)

        assert await world.previews.complete(done) == Success(None)

        assert await world.previews.get(queued.id, owner=queued.user_id) == Success(done)
        assert await world.previews.content(queued.id, owner=queued.user_id) == MISSING

    async def test_stores_the_failure_and_deletes_the_file(self, world: World) -> None:
        queued = await requested(world, (await world.user()).id)
        failed, _ = queued.refuse(UnreadableStatement("Line 3: no date."), at=NOON)

        assert await world.previews.complete(failed) == Success(None)

        assert await world.previews.get(queued.id, owner=queued.user_id) == Success(failed)
        assert await world.previews.content(queued.id, owner=queued.user_id) == MISSING
        assert await world.quota_meter.usage(owner=queued.user_id) == Success(QuotaUsage(0, 0))

    async def test_is_found_only_for_its_owner(self, world: World) -> None:
        queued = await requested(world, (await world.user()).id)
        stranger = (await world.user("eve@example.org")).id

        assert await world.previews.get(queued.id, owner=stranger) == MISSING
        assert await world.previews.lock(queued.id, owner=stranger) == MISSING
        assert await world.previews.content(queued.id, owner=stranger) == MISSING
        assert await world.previews.delete(queued.id, owner=stranger) == MISSING
        assert await world.quota_meter.usage(owner=stranger) == Success(QuotaUsage(0, 0))

    async def test_is_missing_after_deletion(self, world: World) -> None:
        queued = await requested(world, (await world.user()).id)

        assert await world.previews.delete(queued.id, owner=queued.user_id) == Success(None)

        assert await world.previews.get(queued.id, owner=queued.user_id) == MISSING
        assert await world.previews.delete(queued.id, owner=queued.user_id) == MISSING
        assert await world.quota_meter.usage(owner=queued.user_id) == Success(QuotaUsage(0, 0))

    async def test_counts_as_waiting_and_as_stored(self, world: World) -> None:
        owner = (await world.user()).id
        await requested(world, owner)

        used = await world.quota_meter.usage(owner=owner)

        assert isinstance(used, Success)
        assert used.value.waiting == 1
        assert used.value.stored > 0

    async def test_is_running_while_progress_is_reported(self, world: World) -> None:
        queued = await requested(world, (await world.user()).id)
        owner = queued.user_id

        await world.import_progress.set(queued.id, ImportProgress(10, 4), owner=owner)
        await world.import_progress.clear(queued.id, owner=owner)

        found = await world.previews.get(queued.id, owner=owner)
        assert isinstance(found, Success)
        assert found.value.status is ImportStatus.WAITING
