"""What every repository of statements must do."""

from domain.ledger.continuity import ImportedStatement
from domain.ledger.entities import Account
from domain.ledger.imports import StatementImport, StatementOutcome
from domain.ledger.values import Reconciliation
from domain.shared.ids import UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON
from tests.statement_rows import import_of, march, outcome

EMPTY: Page[ImportedStatement] = Page([], None)


class StatementRepositoryContract:
    async def _stored(
        self, world: World, account: Account, *outcomes: StatementOutcome
    ) -> StatementImport:
        done = import_of(account, *outcomes)
        assert await world.imports.add(done) == Success(None)
        return done

    async def _page(
        self,
        world: World,
        account: Account,
        *,
        reconciliation: Reconciliation | None = None,
        after: Cursor | None = None,
        limit: int = 50,
        owner: UserId | None = None,
    ) -> Page[ImportedStatement]:
        found = await world.statements.page(
            account.id,
            owner=owner or account.user_id,
            reconciliation=reconciliation,
            after=after,
            limit=limit,
        )
        assert isinstance(found, Success)
        return found.value

    async def _all(self, world: World, account: Account, owner: UserId) -> list[ImportedStatement]:
        found = await world.statements.all(account.id, owner=owner)
        assert isinstance(found, Success)
        return sorted(found.value, key=lambda each: each.outcome.id)

    async def test_returns_statements_of_all_imports(self, world: World) -> None:
        account = await world.account()
        first = outcome(("1.50", 1), ("-2", 2), "7/1", first_day=march(1), last_day=march(2))
        both = await self._stored(world, account, first, outcome(None, ("3", 3)))
        one = await self._stored(world, account, outcome())

        found = await self._all(world, account, account.user_id)

        assert found == [
            *(ImportedStatement(both.id, each) for each in both.statements),
            ImportedStatement(one.id, one.statements[0]),
        ]

    async def test_omits_undone_imports(self, world: World) -> None:
        account = await world.account()
        done = await self._stored(world, account, outcome(("1", 1), ("2", 2)))

        await world.imports.mark_undone(done, at=NOON)

        assert await self._all(world, account, account.user_id) == []
        assert await self._page(world, account) == EMPTY

    async def test_separates_accounts_and_users(self, world: World) -> None:
        account = await world.account()
        other = await world.account("bob@example.org")
        await self._stored(world, account, outcome(("1", 1), ("2", 2)))

        assert await self._all(world, other, other.user_id) == []
        assert await self._all(world, account, other.user_id) == []
        assert await self._page(world, other) == EMPTY
        assert await self._page(world, account, owner=other.user_id) == EMPTY

    async def test_lists_the_latest_day_first(self, world: World) -> None:
        account = await world.account()
        days = [
            outcome(("1", 1), ("2", 20)),
            outcome(last_day=march(18)),
            outcome(("1", 16)),
            outcome(first_day=march(12)),
            outcome(),
        ]
        done = await self._stored(world, account, *reversed(days))

        page = await self._page(world, account)

        in_order = [ImportedStatement(done.id, each) for each in reversed(done.statements)]
        assert page == Page(in_order, None)

    async def test_pages_meet_without_gap_or_overlap(self, world: World) -> None:
        account = await world.account()
        for each in (2, 1, 2, 3, 2):
            await self._stored(world, account, outcome(("1", each), ("2", each)))
        await self._stored(world, account, outcome())
        whole = await self._page(world, account)

        listed: list[ImportedStatement] = []
        page = await self._page(world, account, limit=2)
        while page.next:
            assert len(page.items) == 2
            listed += page.items
            page = await self._page(world, account, limit=2, after=page.next)

        assert [*listed, *page.items] == list(whole.items)
        assert len(whole.items) == 6

    async def test_filters_by_reconciliation(self, world: World) -> None:
        account = await world.account()
        outcomes = [outcome(reconciliation=each) for each in Reconciliation]
        await self._stored(world, account, *outcomes)

        page = await self._page(world, account, reconciliation=Reconciliation.UNBALANCED)

        assert [each.outcome.reconciliation for each in page.items] == [Reconciliation.UNBALANCED]
