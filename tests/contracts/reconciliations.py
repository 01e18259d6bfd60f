"""What every repository of what lies between balances must do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.ledger.days import Days
from domain.ledger.entities import Account, Transaction
from domain.ledger.imports import StatementImport
from domain.ledger.reconciling import NOTHING, AccountReconciliation, Addend, Stating, StretchSum
from domain.ledger.values import (
    UNRECONCILED,
    LedgerReconciliation,
    MatchResult,
    Reconciliation,
    StatementRef,
    TransactionStatus,
)
from domain.shared.ids import UserId
from domain.shared.money import Money
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON, imported_row, make_row, make_transaction
from tests.statement_rows import import_of, march, outcome

ALWAYS = Days(date.min, date.max)
SHORT = LedgerReconciliation(
    state=Reconciliation.UNBALANCED,
    difference=Money(Decimal("-3.50"), "EUR"),
    first_day=march(3),
    last_day=march(4),
)
BALANCED = LedgerReconciliation(
    state=Reconciliation.BALANCED, first_day=march(3), last_day=march(4)
)


class ReconciliationRepositoryContract:
    async def _import(self, world: World, account: Account, days: str = "1 2") -> StatementImport:
        """Add an import of a statement with balances of two days."""
        first, last = map(int, days.split())
        done = import_of(account, outcome(("1", first), ("2", last)))
        assert await world.imports.add(done) == Success(None)
        return done

    async def _post(
        self, world: World, account: Account, done: StatementImport, *amounts: str, day: int = 1
    ) -> list[Transaction]:
        """Add transactions that a statement states."""
        rows = [make_row(amount, day, provider_id=f"{amount} {day}") for amount in amounts]
        posted = [make_transaction(account, done, row) for row in rows]
        assert await world.transactions.add(posted) == Success(None)
        await self._state(world, done, posted)
        return posted

    async def _state(
        self,
        world: World,
        done: StatementImport,
        stated: Sequence[Transaction],
        result: MatchResult = MatchResult.SAME,
    ) -> None:
        rows = [imported_row(replace(each, import_id=done.id), result) for each in stated]
        assert await world.transactions.record_rows(rows) == Success(None)

    async def _sum(
        self, world: World, account: Account, places: Sequence[StatementImport], *addends: Addend
    ) -> StretchSum:
        found = await world.reconciliations.sums(
            account.id,
            "EUR",
            addends,
            {StatementRef(done.id, 1): place for place, done in enumerate(places)},
            owner=account.user_id,
        )
        assert isinstance(found, Success)
        return found.value.get(0, NOTHING)

    async def test_days_of_an_import_are_those_of_its_rows(self, world: World) -> None:
        account = await world.account()
        done = await self._import(world, account)
        await self._post(world, account, done, "-1", day=7)
        await self._post(world, account, done, "-1", day=3)

        found = await world.reconciliations.days_of(done.id, owner=account.user_id)

        assert found == Success({1: Days(march(3), march(7))})

    async def test_changed_days_are_those_of_new_rows(self, world: World) -> None:
        account = await world.account()
        done = await self._import(world, account)
        again = await self._import(world, account)
        early = await self._post(world, account, done, "-1", day=3)
        late = await self._post(world, account, done, "-1", day=7)
        await self._state(world, again, early)
        await self._state(world, again, late, MatchResult.UPDATES)

        unchanged = await world.reconciliations.changed_days(done.id, owner=account.user_id)
        changed = await world.reconciliations.changed_days(again.id, owner=account.user_id)

        assert unchanged == Success({})
        assert changed == Success({1: Days(march(7), march(7))})

    async def test_statements_are_about_the_days_of_rows_and_balances(self, world: World) -> None:
        account = await world.account()
        done = await self._import(world, account, "1 2")
        undone = await self._import(world, account, "1 2")
        await world.imports.mark_undone(undone, at=NOON)
        await self._post(world, account, done, "-1")

        found = await world.reconciliations.about(
            account.id, Days(march(1), march(1)), owner=account.user_id
        )

        assert isinstance(found, Success)
        assert [each.outline.ref for each in found.value] == [StatementRef(done.id, 1)]
        assert found.value[0].ledger == UNRECONCILED

    async def test_statements_before_and_after_are_found_however_far(self, world: World) -> None:
        account = await world.account()
        before, after = [await self._import(world, account, each) for each in ("1 2", "27 28")]

        found = await world.reconciliations.about(
            account.id, Days(march(14), march(14)), owner=account.user_id
        )

        assert isinstance(found, Success)
        refs = {each.outline.ref for each in found.value}
        assert refs == {StatementRef(before.id, 1), StatementRef(after.id, 1)}

    async def test_a_row_counts_where_it_is_stated_first(self, world: World) -> None:
        account = await world.account()
        first, second = await self._import(world, account), await self._import(world, account)
        shared = await self._post(world, account, first, "-1")
        await self._state(world, second, shared)
        await self._post(world, account, second, "-10")
        own = addend(Stating.OWN, place=1, after=0)

        assert await self._sum(world, account, [first, second], own) == total("-10")
        assert await self._sum(world, account, [first, second], replace(own, after=-1)) == total(
            "-11"
        )

    async def test_days_and_removal_leave_rows_out(self, world: World) -> None:
        account = await world.account()
        done = await self._import(world, account)
        kept, deleted = await self._post(world, account, done, "-1", "-2", day=5)
        await self._post(world, account, done, "-4", day=6)
        await world.transactions.delete(deleted)
        fifth = addend(Stating.OWN, days=Days(march(5), march(5)))

        assert await self._sum(world, account, [done], fifth) == total(str(kept.amount.amount))

    async def test_rows_that_only_others_state_are_found(self, world: World) -> None:
        account = await world.account()
        first, second = await self._import(world, account), await self._import(world, account)
        await self._post(world, account, first, "-1")
        shared = await self._post(world, account, first, "-2")
        await self._state(world, second, shared)
        others = addend(Stating.OTHERS, place=1)

        assert await self._sum(world, account, [first, second], others) == total("-1")

    async def test_rows_without_a_balance_are_found_by_their_day(self, world: World) -> None:
        account = await world.account()
        done, loose = await self._import(world, account), await self._import(world, account)
        await self._post(world, account, done, "-1", day=5)
        await self._post(world, account, loose, "-2", day=5)
        await self._post(world, account, loose, "-4", day=6)
        none = addend(Stating.NONE, days=Days(march(5), march(5)))

        assert await self._sum(world, account, [done], none) == total("-2")

    async def test_a_row_stated_as_pending_is_not_booked_there(self, world: World) -> None:
        account = await world.account()
        report, done = await self._import(world, account), await self._import(world, account)
        (booked,) = await self._post(world, account, done, "-1")
        pending = make_transaction(
            account, report, make_row("-1", provider_id="-1 1", pending=True)
        )
        stated = replace(pending, id=booked.id)
        await world.transactions.add_prior_states([stated])
        await self._state(world, report, [stated])

        assert await self._sum(world, account, [report, done], addend(Stating.OWN)) == NOTHING
        own = addend(Stating.OWN, place=1, after=0)
        assert await self._sum(world, account, [report, done], own) == total("-1")

    async def test_a_pending_row_is_not_counted(self, world: World) -> None:
        account = await world.account()
        done = await self._import(world, account)
        row = make_row("-1", pending=True)
        pending = make_transaction(account, done, row)
        assert pending.status is TransactionStatus.PENDING
        await world.transactions.add([pending])
        await self._state(world, done, [pending])

        assert await self._sum(world, account, [done], addend(Stating.OWN)) == NOTHING

    async def test_what_is_not_certain_is_summed_separately(self, world: World) -> None:
        account = await world.account()
        done, loose = await self._import(world, account), await self._import(world, account)
        await self._post(world, account, done, "-1")
        await self._post(world, account, loose, "-2")
        maybe = addend(Stating.NONE, certain=False)

        found = await self._sum(world, account, [done], addend(Stating.OWN), maybe)

        assert found == StretchSum(Decimal(-1), [Decimal(-2)], is_foreign=False)

    async def test_accounts_and_users_are_separate(self, world: World) -> None:
        account = await world.account()
        other = await world.account("bob@example.org")
        done = await self._import(world, account)
        await self._post(world, account, done, "-1")
        none = addend(Stating.NONE)

        assert await self._sum(world, other, [], none) == NOTHING
        assert await world.reconciliations.about(
            account.id, Days(march(1), march(9)), owner=other.user_id
        ) == Success([])
        assert await world.reconciliations.by_account(owner=other.user_id) == Success({})

    async def test_what_is_stored_is_read_again(self, world: World) -> None:
        account = await world.account()
        done = await self._import(world, account, "2 4")
        same = await self._import(world, account, "2 4")
        refs = [StatementRef(done.id, 1), StatementRef(same.id, 1)]

        await world.reconciliations.store(dict.fromkeys(refs, SHORT), owner=account.user_id)

        assert await self._stored(world, account.user_id, done) == SHORT
        # Equal statements are one stretch.
        assert await world.reconciliations.by_account(owner=account.user_id) == Success(
            {account.id: AccountReconciliation(balanced=0, unbalanced=1)}
        )
        await world.reconciliations.store(dict.fromkeys(refs, BALANCED), owner=account.user_id)
        assert await self._stored(world, account.user_id, done) == BALANCED

    async def _stored(
        self, world: World, owner: UserId, done: StatementImport
    ) -> LedgerReconciliation:
        found = await world.imports.get(done.id, owner=owner)
        assert isinstance(found, Success)
        return found.value.statements[0].ledger


def addend(
    stating: Stating, *, place: int = 0, after: int = -1, days: Days = ALWAYS, certain: bool = True
) -> Addend:
    return Addend(stretch=0, stating=stating, place=place, after=after, days=days, certain=certain)


def total(amount: str) -> StretchSum:
    return StretchSum(Decimal(amount), [], is_foreign=False)
