"""What every implementation of `FreshnessRepository` must do."""

from dataclasses import replace
from datetime import date, timedelta

from domain.ledger.accounts import Freshness
from domain.ledger.values import MatchResult
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON, imported_row, make_import, make_row, make_transaction


class FreshnessRepositoryContract:
    async def test_nothing_is_known_without_statements(self, world: World) -> None:
        account = await world.account()

        assert await world.freshness.by_account(owner=account.user_id) == Success({})

    async def test_the_latest_day_is_covered_or_stated(self, world: World) -> None:
        account = await world.account()
        covered = make_import(account.user_id, account.id)
        later = replace(
            make_import(account.user_id, account.id), imported_at=NOON + timedelta(days=1)
        )
        listing = make_transaction(account, later, make_row(day=31))
        listing = replace(listing, booking_date=date(2026, 4, 2))
        await world.imports.add(covered)

        first = await world.freshness.by_account(owner=account.user_id)
        await world.imports.add(later)
        await world.transactions.add([listing])
        await world.transactions.record_rows([imported_row(listing, MatchResult.NEW)])
        second = await world.freshness.by_account(owner=account.user_id)
        await world.imports.mark_undone(later, at=NOON)
        third = await world.freshness.by_account(owner=account.user_id)

        march = Freshness(date(2026, 3, 31), covered.imported_at)
        april = Freshness(date(2026, 4, 2), later.imported_at)
        assert first == third == Success({account.id: march})
        assert second == Success({account.id: april})

    async def test_shows_nothing_to_another_user(self, world: World) -> None:
        await world.source(await world.account())
        stranger = await world.user("eve@example.org")

        assert await world.freshness.by_account(owner=stranger.id) == Success({})
