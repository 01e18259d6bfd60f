"""What every implementation of `ConflictRepository` must do."""

from domain.ledger.conflicts import Conflict
from domain.ledger.entities import Account, Leg, Transaction
from domain.ledger.errors import ConflictNotFound
from domain.ledger.imports import StatementImport
from domain.ledger.values import MatchResult
from domain.shared.ids import UserId
from domain.shared.pages import IdCursor
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import NOON, imported_row, make_row, make_transaction

MISSING = Failure(ConflictNotFound("No such conflict."))


class ConflictRepositoryContract:
    async def test_lists_what_contradicts_a_known_id(self, world: World) -> None:
        account = await world.account()
        first, second = [await self._conflict(world, account, each) for each in ("F1", "F2")]

        page = await world.conflicts.page(owner=account.user_id, after=None, limit=1)
        rest = await world.conflicts.page(owner=account.user_id, after=second.id, limit=9)

        assert isinstance(page, Success)
        assert (page.value.items, page.value.next) == ([second], IdCursor(second.id))
        assert isinstance(rest, Success)
        assert (rest.value.items, rest.value.next) == ([first], None)
        found = await world.conflicts.get(first.id, owner=account.user_id)
        assert found == Success(first)

    async def test_what_is_gone_contradicts_nothing(self, world: World) -> None:
        account = await world.account()
        conflict = await self._conflict(world, account, "F1")
        existing = await world.transactions.get(
            conflict.existing.transaction_id, owner=account.user_id
        )
        assert isinstance(existing, Success)

        await world.transactions.delete(existing.value)

        assert await self._listed(world, account.user_id) == []
        assert await world.conflicts.get(conflict.id, owner=account.user_id) == MISSING

    async def test_what_an_undone_import_stated_is_no_conflict(self, world: World) -> None:
        account = await world.account()
        conflict = await self._conflict(world, account, "F1")
        added = await world.transactions.get(conflict.id, owner=account.user_id)
        assert isinstance(added, Success)

        await world.transactions.undo(added.value.import_id, owner=account.user_id)

        assert await self._listed(world, account.user_id) == []

    async def test_both_may_stay(self, world: World) -> None:
        account = await world.account()
        conflict, other = [await self._conflict(world, account, each) for each in ("F1", "F2")]

        for _ in range(2):
            assert await world.conflicts.accept(conflict, at=NOON) == Success(None)

        assert await self._listed(world, account.user_id) == [other]
        assert await world.conflicts.get(conflict.id, owner=account.user_id) == MISSING

    async def test_another_users_conflict_is_not_found(self, world: World) -> None:
        account = await world.account()
        conflict = await self._conflict(world, account, "F1")
        stranger = (await world.user("eve@example.org")).id

        assert await self._listed(world, stranger) == []
        assert await world.conflicts.get(conflict.id, owner=stranger) == MISSING

    async def _conflict(self, world: World, account: Account, provider_id: str) -> Conflict:
        """Let an import state another amount under an id that is known."""
        existing = await self._stated(world, account, "-12.50", provider_id, MatchResult.NEW)
        added = await self._stated(world, account, "-13.50", provider_id, MatchResult.CONFLICT)
        legs = {"added": Leg.of(added), "existing": Leg.of(existing)}
        return Conflict(user_id=account.user_id, **legs)

    async def _stated(
        self,
        world: World,
        account: Account,
        amount: str,
        provider_id: str,
        result: MatchResult,
    ) -> Transaction:
        source: StatementImport = await world.source(account)
        row = make_transaction(account, source, make_row(amount, provider_id=provider_id))
        assert await world.transactions.add([row]) == Success(None)

        recorded = [imported_row(row, result), imported_row(row, MatchResult.SAME)]
        assert await world.transactions.record_rows(recorded) == Success(None)
        return row

    async def _listed(self, world: World, owner: UserId) -> list[Conflict]:
        page = await world.conflicts.page(owner=owner, after=None, limit=9)
        assert isinstance(page, Success)
        return list(page.value.items)
