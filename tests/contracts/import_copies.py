"""What every implementation of `ImportCopies` must do, and when an import is a duplicate."""

from dataclasses import replace
from decimal import Decimal

from domain.ledger.entities import Account, Transaction
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportStatus, StatementImport
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import MatchResult, Removal, Security, StatedHolding
from domain.shared.ids import ImportId, StatementId, new_id
from domain.shared.result import Success
from tests.contracts.ledger import stated_balances
from tests.contracts.world import World
from tests.factories import (
    NOON,
    imported_row,
    make_import,
    make_row,
    make_snapshot,
    make_transaction,
)

HINTS = ReadingHints(currency="EUR")


class ImportCopiesContract:
    async def test_copies_all_rows_balances_and_holdings(self, world: World) -> None:
        account, original, rows = await self._imported(world)
        later = await self._copy(world, original)

        undone = await world.transactions.undo(original.id, owner=account.user_id)
        await world.imports.mark_undone(original, at=NOON)

        assert undone == Success((0, 0))
        assert await self._listed(world, account) == {row.id for row in rows}
        balances = await stated_balances(world, account)
        assert [each.import_id for each in balances] == [later.id]
        holdings = await world.holdings.page(
            owner=account.user_id, account_id=account.id, after=None, limit=9
        )
        assert isinstance(holdings, Success)
        assert [each.statement_id for each in holdings.value] == [later.statements[0].id]

    async def test_counts_known_and_deleted_rows(self, world: World) -> None:
        account, original, rows = await self._imported(world)
        await world.transactions.delete(replace(rows[0], removal=Removal.DELETED))
        later = await world.source(account)

        counts = await world.import_copies.copy_from(original, later.id, [later.statements[0].id])

        assert counts == Success([{MatchResult.SAME: 1, MatchResult.DELETED: 1}])

    async def test_rows_have_their_original_positions(self, world: World) -> None:
        account, original, rows = await self._imported(world)
        later = await self._copy(world, original)

        page = await world.imports.rows(later.id, owner=account.user_id, after=None, limit=9)

        assert isinstance(page, Success)
        assert [(row.line, row.result) for row in page.value.items] == [
            (row.line, MatchResult.SAME) for row in rows
        ]

    async def test_a_duplicate_is_active_and_was_said_the_same(self, world: World) -> None:
        account = await world.account()
        first = replace(make_import(account.user_id, account.id), hints=HINTS)
        assert await world.imports.add(first) == Success(None)

        assert await self._duplicate(world, first) == first
        for changed in (
            replace(first, digest=bytes(32)),
            replace(first, hints=NO_HINTS),
            replace(first, account_id=account.id),
            replace(first, user_id=(await world.user("eve@example.org")).id),
        ):
            assert await self._duplicate(world, changed) is None

    async def test_a_pending_failed_or_undone_import_is_no_duplicate(self, world: World) -> None:
        account = await world.account()
        for status in (ImportStatus.WAITING, ImportStatus.FAILED):
            waits = replace(make_import(account.user_id, account.id), status=status)
            assert await world.imports.add(waits) == Success(None)
            assert await self._duplicate(world, waits) is None
        done = make_import(account.user_id, account.id)
        await world.imports.add(done)
        await world.imports.mark_undone(done, at=NOON)
        assert await self._duplicate(world, done) is None

    async def test_finds_the_latest_duplicate(self, world: World) -> None:
        account = await world.account()
        imports = [make_import(account.user_id, account.id) for _ in range(2)]
        for each in imports:
            await world.imports.add(each)

        found = await self._duplicate(world, imports[0])

        assert found
        assert found.id == max(each.id for each in imports)

    async def test_without_hints_any_of_the_same_bytes_is_one(self, world: World) -> None:
        account = await world.account()
        made = make_import(account.user_id, account.id)
        said = replace(made, hints=ReadingHints(currency="EUR"), account_id=account.id)
        await world.imports.add(said)

        for digest, expected in ((said.digest, said.id), (bytes(32), None)):
            found = await world.imports.find_duplicate(
                digest,
                owner=said.user_id,
                hints=None,
                account_id=None,
            )
            assert isinstance(found, Success)
            assert (found.value and found.value.id) == expected

    async def _imported(self, world: World) -> tuple[Account, StatementImport, list[Transaction]]:
        """Return an import with two rows, a balance and a position, and what it is of."""
        account = await world.account()
        made = make_import(account.user_id, account.id)
        statement = replace(made.statements[0], holdings_day=NOON.date())
        original = replace(made, statements=[statement])
        assert await world.imports.add(original) == Success(None)
        rows = [
            make_transaction(account, original, make_row(day=day, provider_id=f"F{day}", line=day))
            for day in (1, 2)
        ]
        assert await world.transactions.add(rows) == Success(None)
        await world.transactions.record_rows([imported_row(row, MatchResult.NEW) for row in rows])
        await world.balances.add([make_snapshot(account, original)])
        position = StatedHolding(
            line=9,
            security=Security(scheme="ISIN", number="US0000000001"),
            quantity=Decimal(3),
            day=NOON.date(),
        )
        await world.holdings.add(original.statements[0].id, original.id, account, [position])
        return account, original, rows

    async def _copy(self, world: World, original: StatementImport) -> StatementImport:
        statement = replace(original.statements[0], id=StatementId(new_id()))
        later = replace(original, id=ImportId(new_id()), statements=[statement])
        assert await world.imports.add(later) == Success(None)
        counts = await world.import_copies.copy_from(original, later.id, [statement.id])
        assert isinstance(counts, Success)
        return later

    async def _duplicate(self, world: World, of: StatementImport) -> StatementImport | None:
        found = await world.imports.find_duplicate(
            of.digest,
            owner=of.user_id,
            hints=of.hints,
            account_id=of.account_id,
        )
        assert isinstance(found, Success)
        return found.value

    async def _listed(self, world: World, account: Account) -> set[object]:
        page = await world.transactions.page(
            account.id, owner=account.user_id, where=TransactionFilter(), after=None, limit=9
        )
        assert isinstance(page, Success)
        return {row.id for row in page.value.items}
