"""What every writer of ledgers must do, and every source of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import AccountNotFound
from domain.ledger.exports import AccountLedger, ExportedTransaction, ExportScope, Ledger
from domain.ledger.ports import LedgerWriter
from domain.ledger.values import BalanceKind, Security, Trade
from domain.shared.ids import AccountId, TransactionId, UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests.adapters.exports.ledgers import make_exported_transaction, make_sheet
from tests.contracts.world import World
from tests.factories import make_row, make_snapshot, make_transaction
from tests.transfer_accounts import REFUSED, Accounts

ALL = ExportScope()


class LedgerWriterContract:
    def test_writes_the_same_bytes_each_time(self, writer: LedgerWriter) -> None:
        ledger = Ledger(
            accounts=[make_sheet(*(make_exported_transaction(day=day) for day in range(1, 20)))]
        )

        first, second = (b"".join(writer.write(ledger)) for _ in range(2))

        assert first == second
        assert first.count(b"Coffee house") == 19

    def test_writes_in_pieces(self, writer: LedgerWriter) -> None:
        seen: list[ExportedTransaction] = []

        class Watched:
            def __iter__(self) -> "Watched":
                return self

            def __next__(self) -> ExportedTransaction:
                seen.append(make_exported_transaction(description="Shop"))
                return seen[-1]

        endless = replace(make_sheet(), transactions=Watched())
        pieces = writer.write(Ledger(accounts=[endless]))

        assert len(next(pieces)) < 200_000
        assert 0 < len(seen) < 2_000

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
        await world.transactions.edit(replace(row, note="mine", category="food"))
        await world.balances.add([make_snapshot(account, source, "100.00", 5)])

        (sheet,) = await self._sheets(world, account.user_id)

        assert (sheet.account, sheet.currency) == (account, "EUR")
        assert (sheet.first_day, sheet.last_day) == (date(2026, 3, 1), date(2026, 3, 5))
        assert list(sheet.transactions) == [_movement(row, note="mine", category="food")]
        assert [(each.money.digits, each.day.day) for each in sheet.balances] == [("100.00", 5)]

    async def test_orders_any_number_of_transactions(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        rows = [
            make_transaction(account, source, make_row(f"-{n}.00", 1 + n % 3, provider_id=f"F{n}"))
            for n in range(1, 20)
        ]
        await world.transactions.add(rows)

        (sheet,) = await self._sheets(world, account.user_id)

        rows.sort(key=lambda row: (row.booking_date, row.id))
        assert [each.id for each in sheet.transactions] == [row.id for row in rows]

    async def test_omits_removed_transactions(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        row = make_transaction(account, source)
        await world.transactions.add([row])
        await world.balances.add([make_snapshot(account, source, kind=BalanceKind.AVAILABLE)])
        await world.transactions.delete(row)

        assert await self._sheets(world, account.user_id) == []

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

        euros, dollars = await self._sheets(world, account.user_id)

        assert (euros.currency, dollars.currency) == ("EUR", "USD")
        assert [each.id for each in dollars.transactions] == [rows[0].id]

    async def test_reports_bank_ids_that_are_not_unique(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        other = replace(account, id=AccountId(new_id()), number="2")
        assert await world.accounts.add(other) == Success(None)
        first = make_transaction(account, source, make_row("-1.00", provider_id="F1"))
        told = [("-2.00", "F2", 1), ("-3.00", "F2", 2), ("-4.00", str(first.id), 3)]
        told += [("-5.00", "F5", 4), ("-6.00", "F5", 9), ("-7.00", str(new_id()), 5)]
        rows = [make_row(amount, day, provider_id=bank_id) for amount, bank_id, day in told]
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
        gone = make_transaction(account, source, make_row("-9.75", 7, provider_id="F1"))
        await world.transactions.add([gone])
        await world.transactions.delete(gone)
        early = ExportScope(last_day=date(2026, 3, 8))

        shared = await self._shared(world, account.user_id)
        of_early = await self._shared(world, account.user_id, early)

        repeated = {"F2", "F9", str(first.id)}
        assert shared == [repeated | {"F5"}, repeated | {"F5"}, set()]
        assert of_early == [repeated, repeated, set()]

    async def test_reports_transactions_that_belong_to_a_transfer(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, into = await own.goes(day=1), await own.comes(day=4)
        refused = await own.goes(day=2), await own.comes(day=2)
        gone = await own.goes(day=3), await own.comes(day=3)
        changed = await own.goes(day=5), await own.comes(day=5)
        for pair in ((out, into), gone, changed):
            await own.decide(*pair)
        await own.decide(*refused, REFUSED)
        await world.transactions.delete(gone[1])
        less = replace(changed[0], amount=Money(Decimal("-49.00"), "EUR"))
        await world.transactions.update_from_import([less])
        one = ExportScope(account_id=own.savings.id, first_day=date(2026, 3, 2))

        assert await self._transfers(world, own.owner) == [{out.id}, {into.id}]
        assert await self._transfers(world, own.owner, one) == [{into.id}]

    async def test_includes_security_trades(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        named = Security(scheme="", number="1", name="Northern Lights", ticker="NL")
        trades = [
            Trade(security=named, quantity=Decimal("-3.5"), unit_price=Decimal("10.25")),
            Trade(security=replace(named, scheme="ISIN"), quantity=Decimal(0)),
            None,
        ]
        rows = [make_row(day=day, trade=trade) for day, trade in enumerate(trades, 1)]
        await world.transactions.add([make_transaction(account, source, row) for row in rows])

        (sheet,) = await self._sheets(world, account.user_id)

        assert [each.trade for each in sheet.transactions] == trades

    async def test_orders_accounts_by_name(self, world: World) -> None:
        account = await world.account(number="2")
        source = await world.source(account)
        other = replace(account, id=AccountId(new_id()), number="1")
        assert await world.accounts.add(other) == Success(None)
        rows = [make_transaction(each, source) for each in (account, other)]
        await world.transactions.add(rows)

        sheets = await self._sheets(world, account.user_id)

        assert [sheet.account.number for sheet in sheets] == ["1", "2"]
        (one,) = await self._sheets(world, account.user_id, ExportScope(account_id=account.id))
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
        (sheet,) = await self._sheets(world, account.user_id, scope)

        assert [each.booking_date.day for each in sheet.transactions] == [2, 3]
        assert [each.day.day for each in sheet.balances] == [3]

    async def test_finds_nothing_of_another_user(self, world: World) -> None:
        account = await world.account()
        row = make_transaction(account, await world.source(account))
        await world.transactions.add([row])
        stranger = await world.user("eve@example.org")

        assert await self._sheets(world, stranger.id) == []
        missing = Failure(AccountNotFound("No such account."))
        for wanted in (account.id, AccountId(new_id())):
            scope = ExportScope(account_id=wanted)
            read = await world.ledgers.read(lambda ledger: 1, owner=stranger.id, scope=scope)
            assert read == missing

    async def _sheets(
        self, world: World, owner: UserId, scope: ExportScope = ALL
    ) -> Sequence[AccountLedger]:
        """Return all sheets, with their movements fetched."""

        def fetched(ledger: Ledger) -> list[AccountLedger]:
            return [replace(each, transactions=list(each.transactions)) for each in ledger.accounts]

        read = await world.ledgers.read(fetched, owner=owner, scope=scope)
        assert isinstance(read, Success)
        return read.value

    async def _shared(
        self, world: World, owner: UserId, scope: ExportScope = ALL
    ) -> list[set[str]]:
        def asked(ledger: Ledger) -> list[set[str]]:
            return [set(each.shared_ids) for each in ledger.accounts]

        read = await world.ledgers.read(asked, owner=owner, scope=scope)
        assert isinstance(read, Success)
        return read.value

    async def _transfers(
        self, world: World, owner: UserId, scope: ExportScope = ALL
    ) -> list[set[TransactionId]]:
        def asked(ledger: Ledger) -> list[set[TransactionId]]:
            return [set(each.transfers) for each in ledger.accounts]

        read = await world.ledgers.read(asked, owner=owner, scope=scope)
        assert isinstance(read, Success)
        return read.value

    async def _balances(self, world: World, account: Account) -> list[str]:
        (sheet,) = await self._sheets(world, account.user_id)
        return [balance.money.digits for balance in sheet.balances]


def _movement(row: Transaction, **own: str) -> ExportedTransaction:
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
    )
