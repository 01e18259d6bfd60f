"""What every implementation of `EntriesByHand` must do."""

from dataclasses import replace

from domain.ledger.entities import Account
from domain.ledger.imports import StatementImport
from domain.ledger.values import BY_HAND, MatchResult
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON, imported_row, make_import, make_transaction


class EntriesByHandContract:
    async def test_returns_which_imports_state_a_transaction(self, world: World) -> None:
        account = await world.account()
        written, file, other = [await self._source(world, account, e) for e in (BY_HAND, "ofx", "")]
        row = make_transaction(account, written)
        await world.transactions.add([row])
        for source in (written, file):
            stated = replace(row, import_id=source.id)
            await world.transactions.record_rows([imported_row(stated, MatchResult.NEW)])
        assert other.id not in (written.id, file.id)

        both = await world.entries_by_hand.stating(row.id, owner=account.user_id)
        await world.transactions.undo(file.id, owner=account.user_id)
        one = await world.entries_by_hand.stating(row.id, owner=account.user_id)

        assert both == Success({written.id: True, file.id: False})
        assert one == Success({written.id: True})

    async def test_returns_the_latest_opening_balance_that_was_not_undone(
        self, world: World
    ) -> None:
        account = await world.account()
        owner = account.user_id
        await self._source(world, account, "ofx")
        asked = world.entries_by_hand.opening_balance
        assert await asked(account.id, owner=owner) == Success(None)
        first, second = [await self._source(world, account, BY_HAND) for _ in range(2)]

        assert await asked(account.id, owner=owner) == Success(second.id)
        await world.imports.mark_undone(second, at=NOON)
        assert await asked(account.id, owner=owner) == Success(first.id)

    async def test_a_transaction_is_no_opening_balance(self, world: World) -> None:
        account = await world.account()
        await self._source(world, account, BY_HAND, has_balance=False)

        found = await world.entries_by_hand.opening_balance(account.id, owner=account.user_id)

        assert found == Success(None)

    async def test_says_nothing_to_another_user(self, world: World) -> None:
        account = await world.account()
        source = await self._source(world, account, BY_HAND)
        row = make_transaction(account, source)
        await world.transactions.add([row])
        await world.transactions.record_rows([imported_row(row, MatchResult.NEW)])
        stranger = (await world.user("eve@example.org")).id

        assert await world.entries_by_hand.stating(row.id, owner=stranger) == Success({})
        found = await world.entries_by_hand.opening_balance(account.id, owner=stranger)
        assert found == Success(None)

    async def _source(
        self, world: World, account: Account, format: str, *, has_balance: bool = True
    ) -> StatementImport:
        source = make_import(account.user_id, account.id)
        (outcome,) = source.statements
        closing = outcome.closing if has_balance else None
        stated = replace(outcome, report_type=format, closing=closing)
        source = replace(source, format=format, statements=[stated])
        assert await world.imports.add(source) == Success(None)
        return source
