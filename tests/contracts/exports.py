"""What every writer of ledgers must do, and every source of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import AccountNotFound
from domain.ledger.exports import (
    AccountLedger,
    ExportedLeg,
    ExportedTransaction,
    ExportScope,
    Ledger,
)
from domain.ledger.kinds import BalanceKind
from domain.ledger.ports import LedgerWriter
from domain.ledger.values import Security, Trade
from domain.shared.ids import AccountId, TransactionId, UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests.adapters.exports.ledgers import make_account_ledger, make_exported_transaction
from tests.contracts.world import World
from tests.factories import make_row, make_snapshot, make_transaction
from tests.transfer_accounts import REFUSED, Accounts

ALL = ExportScope()


class LedgerWriterContract:
    def test_writes_the_same_bytes_each_time(self, writer: LedgerWriter) -> None:
        ledger = Ledger(
            accounts=[
                make_account_ledger(*(make_exported_transaction(day=day) for day in range(1, 20)))
            ]
        )

        first, second = (b"".join(writer.write(ledger)) for _ in range(2))

        assert first == second
        assert first.count(b"Coffee house") == 19

    def test_writes_in_pieces(self, writer: LedgerWriter) -> None:
        listed: list[ExportedTransaction] = []

        class Watched:
            def __iter__(self) -> "Watched":
                return self

            def __next__(self) -> ExportedTransaction:
                listed.append(make_exported_transaction(description="Shop"))
                return listed[-1]

        endless = replace(make_account_ledger(), transactions=Watched())
        pieces = writer.write(Ledger(accounts=[endless]))

        assert len(next(pieces)) < 200_000
        assert 0 < len(listed) < 2_000

    def test_writes_a_file_for_an_empty_ledger(self, writer: LedgerWriter) -> None:
        assert b"".join(writer.write(Ledger(accounts=[])))

    def test_names_its_format(self, writer: LedgerWriter) -> None:
        assert writer.suffix.startswith(".")
        assert "/" in writer.media_type
        assert writer.format.isalnum()


class LedgerSourceContract:
    async def test_lists_active_transactions(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        row = make_transaction(account, source, make_row(value_date=date(2026, 3, 2)))
        await world.transactions.add([row])
        tagged = replace(row, note="mine", category="food", tags=("trip",))
        await world.transactions.edit(tagged)
        await world.balances.add([make_snapshot(account, source, "100.00", 5)])

        (account_ledger,) = await self._account_ledgers(world, account.user_id)

        assert (account_ledger.account, account_ledger.currency) == (account, "EUR")
        assert (account_ledger.first_day, account_ledger.last_day) == (
            date(2026, 3, 1),
            date(2026, 3, 5),
        )
        assert list(account_ledger.transactions) == [
            _transaction(tagged, note="mine", category="food")
        ]
        assert [(each.money.digits, each.day.day) for each in account_ledger.balances] == [
            ("100.00", 5)
        ]

    async def test_orders_any_number_of_transactions(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        rows = [
            make_transaction(account, source, make_row(f"-{n}.00", 1 + n % 3, provider_id=f"F{n}"))
            for n in range(1, 20)
        ]
        await world.transactions.add(rows)

        (account_ledger,) = await self._account_ledgers(world, account.user_id)

        rows.sort(key=lambda row: (row.booking_date, row.id))
        assert [each.id for each in account_ledger.transactions] == [row.id for row in rows]

    async def test_omits_removed_transactions(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        row = make_transaction(account, source)
        await world.transactions.add([row])
        await world.balances.add([make_snapshot(account, source, kind=BalanceKind.AVAILABLE)])
        await world.transactions.delete(row)

        assert await self._account_ledgers(world, account.user_id) == []

    async def test_omits_balances_of_an_undone_import(self, world: World) -> None:
        account = await world.account()
        first, second = await world.source(account), await world.source(account)
        await world.balances.add([make_snapshot(account, first, "1.00")])
        await world.balances.add([make_snapshot(account, second, "2.00")])
        both = await self._balances(world, account)

        await world.imports.mark_undone(second, at=second.imported_at)

        assert (both, await self._balances(world, account)) == (["2.00"], ["1.00"])

    async def test_separates_currencies(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        foreign = replace(make_row(provider_id="F2"), amount=Money(Decimal("1.00"), "USD"))
        rows = [make_transaction(account, source, row) for row in (foreign, make_row())]
        await world.transactions.add(rows)

        euros, dollars = await self._account_ledgers(world, account.user_id)

        assert (euros.currency, dollars.currency) == ("EUR", "USD")
        assert [each.id for each in dollars.transactions] == [rows[0].id]

    async def test_reports_bank_ids_that_are_not_unique(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        other = replace(account, id=AccountId(new_id()), number="2")
        assert await world.accounts.add(other) == Success(None)
        first = make_transaction(account, source, make_row("-1.00", provider_id="F1"))
        expected = [("-2.00", "F2", 1), ("-3.00", "F2", 2), ("-4.00", str(first.id), 3)]
        expected += [("-5.00", "F5", 4), ("-6.00", "F5", 9), ("-7.00", str(new_id()), 5)]
        rows = [make_row(amount, day, provider_id=bank_id) for amount, bank_id, day in expected]
        waiting = make_row("-8.00", 6, provider_id="F1", pending=True)
        dollars = replace(make_row(day=6, provider_id="F9"), amount=Money(Decimal(-9), "USD"))
        await world.transactions.add(
            [
                first,
                *(make_transaction(account, source, row) for row in (*rows, waiting, dollars)),
                make_transaction(account, source, make_row("-9.50", 6, provider_id="F9")),
                make_transaction(other, source, make_row("-1.00", provider_id="F1")),
            ]
        )
        removed = make_transaction(account, source, make_row("-9.75", 7, provider_id="F1"))
        await world.transactions.add([removed])
        await world.transactions.delete(removed)
        early = ExportScope(last_day=date(2026, 3, 8))

        shared = await self._shared(world, account.user_id)
        of_early = await self._shared(world, account.user_id, early)

        repeated = {"F2", "F9", str(first.id)}
        assert shared == [repeated | {"F5"}, repeated | {"F5"}, set()]
        assert of_early == [repeated, repeated, set()]

    async def test_reports_transactions_that_belong_to_a_transfer(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming = await own.goes(day=1), await own.comes(day=4)
        refused = await own.goes(day=2), await own.comes(day=2)
        removed_pair = await own.goes(day=3), await own.comes(day=3)
        changed = await own.goes(day=5), await own.comes(day=5)
        for pair in ((out, incoming), removed_pair, changed):
            await own.decide(*pair)
        exchanged = await own.goes(day=6), await own.comes("54.00", day=6, currency="USD")
        reduced = await own.goes(day=7), await own.comes("48.75", day=7)
        for pair in (exchanged, reduced):
            await own.decide(*pair)
        await own.decide(*refused, REFUSED)
        await world.transactions.delete(removed_pair[1])
        less = replace(changed[0], amount=Money(Decimal("-49.00"), "EUR"))
        await world.transactions.update_from_import([less])
        one = ExportScope(account_id=own.savings.id, first_day=date(2026, 3, 2))

        legs_out, legs_in = (
            {
                ExportedLeg(leg.id),
                ExportedLeg(exchanged[end].id, is_exchange=True),
                ExportedLeg(reduced[end].id, Decimal(fee)),
            }
            for end, leg, fee in ((0, out, "1.25"), (1, incoming, "0"))
        )
        # The savings are in two currencies.
        assert await self._transfers(world, own.owner) == [legs_out, legs_in, legs_in]
        assert await self._transfers(world, own.owner, one) == [legs_in, legs_in]

    async def test_includes_security_trades(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        security = Security(scheme="", number="1", name="Northern Lights", ticker="NL")
        trades = [
            Trade(security=security, quantity=Decimal("-3.5"), unit_price=Decimal("10.25")),
            Trade(security=replace(security, scheme="ISIN"), quantity=Decimal(0)),
            None,
        ]
        rows = [make_row(day=day, trade=trade) for day, trade in enumerate(trades, 1)]
        await world.transactions.add([make_transaction(account, source, row) for row in rows])

        (account_ledger,) = await self._account_ledgers(world, account.user_id)

        assert [each.trade for each in account_ledger.transactions] == trades

    async def test_orders_accounts_by_name(self, world: World) -> None:
        account = await world.account(number="2")
        source = await world.source(account)
        other = replace(account, id=AccountId(new_id()), number="1")
        assert await world.accounts.add(other) == Success(None)
        rows = [make_transaction(each, source) for each in (account, other)]
        await world.transactions.add(rows)

        account_ledgers = await self._account_ledgers(world, account.user_id)

        assert [account_ledger.account.number for account_ledger in account_ledgers] == ["1", "2"]
        (one,) = await self._account_ledgers(
            world, account.user_id, ExportScope(account_id=account.id)
        )
        assert one.account == account

    async def test_bounds_are_inclusive(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        rows = [
            make_transaction(account, source, make_row(day=day, provider_id=f"F{day}"))
            for day in (1, 2, 3, 4)
        ]
        await world.transactions.add(rows)
        await world.balances.add([make_snapshot(account, source, day=day) for day in (1, 3, 4)])

        scope = ExportScope(first_day=date(2026, 3, 2), last_day=date(2026, 3, 3))
        (account_ledger,) = await self._account_ledgers(world, account.user_id, scope)

        assert [each.booking_date.day for each in account_ledger.transactions] == [2, 3]
        assert [each.day.day for each in account_ledger.balances] == [3]

    async def test_finds_nothing_of_another_user(self, world: World) -> None:
        account = await world.account()
        row = make_transaction(account, await world.source(account))
        await world.transactions.add([row])
        stranger = await world.user("eve@example.org")

        assert await self._account_ledgers(world, stranger.id) == []
        missing = Failure(AccountNotFound("No such account."))
        for wanted in (account.id, AccountId(new_id())):
            scope = ExportScope(account_id=wanted)
            read = await world.ledgers.read(lambda ledger: 1, owner=stranger.id, scope=scope)
            assert read == missing

    async def _account_ledgers(
        self, world: World, owner: UserId, scope: ExportScope = ALL
    ) -> Sequence[AccountLedger]:
        """Return all account ledgers, with their transactions fetched."""

        def fetched(ledger: Ledger) -> list[AccountLedger]:
            return [replace(each, transactions=list(each.transactions)) for each in ledger.accounts]

        read = await world.ledgers.read(fetched, owner=owner, scope=scope)
        assert isinstance(read, Success)
        return read.value

    async def _shared(
        self, world: World, owner: UserId, scope: ExportScope = ALL
    ) -> list[set[str]]:
        def legs(ledger: Ledger) -> list[set[str]]:
            return [set(each.shared_ids) for each in ledger.accounts]

        read = await world.ledgers.read(legs, owner=owner, scope=scope)
        assert isinstance(read, Success)
        return read.value

    async def _transfers(
        self, world: World, owner: UserId, scope: ExportScope = ALL
    ) -> list[set[ExportedLeg]]:
        def legs(ledger: Ledger) -> list[set[ExportedLeg]]:
            return [set(each.transfers) for each in ledger.accounts]

        read = await world.ledgers.read(legs, owner=owner, scope=scope)
        assert isinstance(read, Success)
        return read.value

    async def _balances(self, world: World, account: Account) -> list[str]:
        (account_ledger,) = await self._account_ledgers(world, account.user_id)
        return [balance.money.digits for balance in account_ledger.balances]


def _transaction(row: Transaction, **own: str) -> ExportedTransaction:
    return ExportedTransaction(
        TransactionId(row.id),
        row.booking_date,
        row.value_date,
        row.amount,
        row.kind,
        row.status,
        row.description,
        own["note"],
        own["category"],
        row.provider_id,
        row.trade,
        row.payee,
        row.counterparty_account,
        row.reference,
        row.memo,
        row.category_id,
        row.tags,
        row.splits,
    )
