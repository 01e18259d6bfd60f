"""What every implementation of `Repetitions` must do, and of finding what is repeated."""

from dataclasses import replace
from decimal import Decimal

from domain.ledger.entities import Account, Transaction
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportStatus, StatementImport
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import Security, StatedHolding
from domain.ledger.verdicts import Removal, Verdict
from domain.shared.ids import ImportId, StatementId, new_id
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON, make_import, make_row, make_snapshot, make_transaction

SAID = ReadingHints(currency="EUR")


class RepetitionsContract:
    async def test_states_all_rows_balances_and_holdings_again(self, world: World) -> None:
        account, twin, rows = await self._brought(world)
        later = await self._repeat(world, twin)

        undone = await world.transactions.undo(twin.id, owner=account.user_id)
        await world.imports.mark_undone(twin, at=NOON)

        assert undone == Success((0, 0))
        assert await self._listed(world, account) == {row.id for row in rows}
        balances = await world.balances.of_account(account.id, owner=account.user_id, limit=9)
        assert isinstance(balances, Success)
        assert [each.import_id for each in balances.value] == [later.id]
        held = await world.holdings.page(
            owner=account.user_id, account_id=account.id, after=None, limit=9
        )
        assert isinstance(held, Success)
        assert [each.statement_id for each in held.value] == [later.statements[0].id]

    async def test_counts_what_is_the_same_and_what_was_deleted(self, world: World) -> None:
        account, twin, rows = await self._brought(world)
        await world.transactions.delete(replace(rows[0], removal=Removal.DELETED))
        later = await world.source(account)

        counts = await world.repetitions.repeat(twin, later.id, [later.statements[0].id])

        assert counts == Success([{Verdict.SAME: 1, Verdict.DELETED: 1}])

    async def test_a_row_stands_where_it_stood(self, world: World) -> None:
        account, twin, rows = await self._brought(world)
        later = await self._repeat(world, twin)

        page = await world.imports.rows(later.id, owner=account.user_id, after=None, limit=9)

        assert isinstance(page, Success)
        assert [(row.line, row.verdict) for row in page.value.items] == [
            (row.line, Verdict.SAME) for row in rows
        ]

    async def test_a_twin_stands_and_was_read_in_the_same_way(self, world: World) -> None:
        account = await world.account()
        first = replace(make_import(account.user_id, account.id), hints=SAID, edition="one")
        assert await world.imports.add(first) == Success(None)

        assert await self._twin(world, first) == first
        for changed in (
            replace(first, digest=bytes(32)),
            replace(first, hints=NO_HINTS),
            replace(first, account_id=account.id),
            replace(first, edition="two"),
            replace(first, user_id=(await world.user("eve@example.org")).id),
        ):
            assert await self._twin(world, changed) is None

    async def test_what_waits_or_failed_or_is_undone_is_no_twin(self, world: World) -> None:
        account = await world.account()
        for status in (ImportStatus.WAITING, ImportStatus.FAILED):
            waits = replace(make_import(account.user_id, account.id), status=status)
            assert await world.imports.add(waits) == Success(None)
            assert await self._twin(world, waits) is None
        done = make_import(account.user_id, account.id)
        await world.imports.add(done)
        await world.imports.mark_undone(done, at=NOON)
        assert await self._twin(world, done) is None

    async def test_the_latest_twin_is_taken(self, world: World) -> None:
        account = await world.account()
        imports = [make_import(account.user_id, account.id) for _ in range(2)]
        for each in imports:
            await world.imports.add(each)

        found = await self._twin(world, imports[0])

        assert found
        assert found.id == max(each.id for each in imports)

    async def _brought(self, world: World) -> tuple[Account, StatementImport, list[Transaction]]:
        """Return an import with two rows, a balance and a position, and what it is of."""
        account = await world.account()
        made = make_import(account.user_id, account.id)
        statement = replace(made.statements[0], holdings_day=NOON.date())
        twin = replace(made, statements=[statement])
        assert await world.imports.add(twin) == Success(None)
        rows = [
            make_transaction(account, twin, make_row(day=day, provider_id=f"F{day}", line=day))
            for day in (1, 2)
        ]
        assert await world.transactions.add(rows) == Success(None)
        await world.transactions.see([row.seen(Verdict.NEW) for row in rows])
        await world.balances.add([make_snapshot(account, twin)])
        position = StatedHolding(
            line=9,
            security=Security(scheme="ISIN", number="US0000000001"),
            quantity=Decimal(3),
            day=NOON.date(),
        )
        await world.holdings.add(twin.statements[0].id, twin.id, account, [position])
        return account, twin, rows

    async def _repeat(self, world: World, twin: StatementImport) -> StatementImport:
        statement = replace(twin.statements[0], id=StatementId(new_id()))
        later = replace(twin, id=ImportId(new_id()), statements=[statement])
        assert await world.imports.add(later) == Success(None)
        repeated = await world.repetitions.repeat(twin, later.id, [statement.id])
        assert isinstance(repeated, Success)
        return later

    async def _twin(self, world: World, of: StatementImport) -> StatementImport | None:
        found = await world.imports.twin(
            of.digest,
            owner=of.user_id,
            hints=of.hints,
            account_id=of.account_id,
            edition=of.edition,
        )
        assert isinstance(found, Success)
        return found.value

    async def _listed(self, world: World, account: Account) -> set[object]:
        page = await world.transactions.page(
            account.id, owner=account.user_id, where=TransactionFilter(), after=None, limit=9
        )
        assert isinstance(page, Success)
        return {row.id for row in page.value.items}
