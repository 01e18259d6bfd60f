"""Suggest, confirm, refuse and withdraw: what is audited, announced, and refused."""

from dataclasses import replace as changed
from datetime import date, timedelta
from decimal import Decimal

from dashtam.application.ledger.transfers import (
    DecideTransfer,
    ListTransfers,
    ShowTransfer,
    WithdrawTransfer,
)
from domain.ledger.entities import Transaction
from domain.ledger.errors import (
    AlreadyTransferred,
    NotATransfer,
    PeriodTooLong,
    TransactionNotFound,
    TransferNotFound,
)
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import Transfer, TransferDecision, TransfersPage, TransferStatus
from domain.shared.ids import TransferId, new_id
from domain.shared.money import Money
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.transfer_accounts import Accounts, pair

CONFIRMED, REFUSED = TransferDecision.CONFIRMED, TransferDecision.REFUSED
SUGGESTED = TransferStatus.SUGGESTED
ANY_DAYS = SearchWindow()


class Person:
    """A user with two accounts, who decides about transfers."""

    def __init__(self, app: Application, own: Accounts) -> None:
        self.app = app
        self.own = own

    async def decide(
        self, out: Transaction, incoming: Transaction, decision: TransferDecision = CONFIRMED
    ) -> Result[Transfer, object]:
        return await self.app.use(DecideTransfer)(
            outgoing_id=out.id, incoming_id=incoming.id, decision=decision, user_id=self.own.owner
        )

    async def confirmed(self, out: Transaction, incoming: Transaction) -> Transfer:
        done = await self.decide(out, incoming)
        assert isinstance(done, Success)
        return done.value

    async def list(
        self, status: TransferStatus = SUGGESTED, period: SearchWindow = ANY_DAYS, limit: int = 9
    ) -> TransfersPage:
        done = await self.app.use(ListTransfers)(
            user_id=self.own.owner, status=status, period=period, after=None, limit=limit
        )
        assert isinstance(done, Success)
        return done.value


async def person(app: Application, email: str = "ada@example.org") -> Person:
    return Person(app, await Accounts.opened(app.world, email))


class TestDeciding:
    async def test_confirms_a_pair(self, app: Application) -> None:
        ada = await person(app)
        out, incoming = await ada.own.goes(), await ada.own.comes()

        transfer = await ada.confirmed(out, incoming)

        assert (transfer.pair, transfer.decision) == (pair(out, incoming), CONFIRMED)
        assert transfer.decided_at == app.clock.at
        assert await ada.own.listed() == [transfer]
        assert app.trail == [("transfer.decided", "success")]
        assert app.announced == ["transfer.decided"]
        assert app.store.entries[-1].details == {
            "decision": "confirmed",
            "outgoing_id": str(out.id),
            "incoming_id": str(incoming.id),
        }

    async def test_repeating_a_decision_changes_nothing(self, app: Application) -> None:
        ada = await person(app)
        out, incoming = await ada.own.goes(), await ada.own.comes()
        first = await ada.confirmed(out, incoming)
        app.clock.at += timedelta(days=1)

        assert await ada.decide(out, incoming) == Success(first)

        assert app.announced == ["transfer.decided"]
        assert app.trail[-1] == ("transfer.viewed", "success")

    async def test_a_decision_can_be_changed_repeatedly(self, app: Application) -> None:
        ada = await person(app)
        out, incoming = await ada.own.goes(), await ada.own.comes()
        first = await ada.confirmed(out, incoming)

        for decision in (REFUSED, CONFIRMED, REFUSED):
            done = await ada.decide(out, incoming, decision)
            assert isinstance(done, Success)
            assert (done.value.id, done.value.decision) == (first.id, decision)
        assert app.announced == ["transfer.decided"] * 4

    async def test_a_refused_pair_is_not_suggested_again(self, app: Application) -> None:
        ada = await person(app)
        out, incoming = await ada.own.goes(), await ada.own.comes()
        assert len((await ada.list()).items) == 1

        await ada.decide(out, incoming, REFUSED)

        assert (await ada.list()).items == []

    async def test_refuses_two_transactions_that_do_not_match(self, app: Application) -> None:
        ada = await person(app)
        out, other = await ada.own.goes(), await ada.own.comes("51.00")

        assert await ada.decide(out, other) == Failure(
            NotATransfer("More money arrived than left.")
        )
        assert await ada.decide(out, out, REFUSED) == Failure(
            NotATransfer("A transfer needs two different accounts.")
        )
        assert app.trail == [("transfer.decide", "failure")] * 2
        assert app.store.entries[-1].details == {"error": "not-a-transfer"}
        assert app.store.transfers == {}

    async def test_an_exchange_and_a_pair_with_a_fee_are_confirmed_though_never_suggested(
        self, app: Application
    ) -> None:
        ada = await person(app)
        pairs = [
            (await ada.own.goes(), await ada.own.comes("48.75")),
            (await ada.own.goes("-92.10"), await ada.own.comes("100.00", currency="USD")),
        ]
        assert (await ada.list()).items == []

        for legs in pairs:
            done = await ada.confirmed(*legs)
            assert not done.broken
        assert len(await ada.own.listed()) == 2

    async def test_a_broken_transfer_is_whole_again_once_it_is_confirmed_anew(
        self, app: Application
    ) -> None:
        ada = await person(app)
        out, incoming = await ada.own.goes(), await ada.own.comes()
        first = await ada.confirmed(out, incoming)
        less = changed(incoming, amount=Money(Decimal("49.00"), "EUR"))
        app.store.transactions[incoming.id] = less

        again = await ada.confirmed(out, less)

        assert (again.id, again.broken) == (first.id, False)
        assert again.pair.fee == Money(Decimal("1.00"), "EUR")

    async def test_a_transaction_is_in_one_transfer_at_most(self, app: Application) -> None:
        ada = await person(app)
        out, incoming, other = [await ada.own.goes(), await ada.own.comes(), await ada.own.comes()]
        first = await ada.confirmed(out, incoming)

        assert await ada.decide(out, other) == Failure(
            AlreadyTransferred("One of the two transactions is already part of a transfer.")
        )

        assert await ada.own.listed() == [first]
        assert app.trail[-1] == ("transfer.decide", "failure")

    async def test_another_users_transactions_are_not_found(self, app: Application) -> None:
        ada, eve = await person(app), await person(app, "eve@example.org")
        out, incoming = await ada.own.goes(), await ada.own.comes()
        nothing = Failure(TransactionNotFound("No such transaction."))

        assert await eve.decide(out, incoming) == nothing
        assert await eve.decide(await eve.own.goes(), incoming, REFUSED) == nothing

    async def test_replacing_a_broken_transfer_is_audited(self, app: Application) -> None:
        ada = await person(app)
        out, incoming, other = [await ada.own.goes(), await ada.own.comes(), await ada.own.comes()]
        first = await ada.confirmed(out, incoming)
        await ada.own.undo(incoming)

        second = await ada.confirmed(out, other)

        assert app.announced == ["transfer.decided", "transfer.decided", "transfer.withdrawn"]
        assert app.store.entries[-1].resource_id == first.id
        assert [*app.store.transfers] == [second.id]

    async def test_a_broken_transfer_is_marked_and_can_be_refused(self, app: Application) -> None:
        ada = await person(app)
        out, incoming = await ada.own.goes(), await ada.own.comes()
        first = await ada.confirmed(out, incoming)
        less = pair(await ada.own.goes("-49.00"), incoming).outgoing.amount
        app.store.transactions[out.id] = changed(out, amount=less)

        transfer = await app.use(ShowTransfer)(transfer_id=first.id, user_id=ada.own.owner)
        assert isinstance(transfer, Success)
        assert transfer.value.broken
        assert isinstance(await ada.decide(out, incoming), Failure)
        assert isinstance(await ada.decide(out, incoming, REFUSED), Success)
        assert isinstance(await ada.decide(out, incoming), Failure)


class TestWithdrawing:
    async def test_deletes_the_decision(self, app: Application) -> None:
        ada = await person(app)
        first = await ada.confirmed(await ada.own.goes(), await ada.own.comes())

        done = await app.use(WithdrawTransfer)(transfer_id=first.id, user_id=ada.own.owner)

        assert done == Success(None)
        assert [each.pair for each in (await ada.list()).items] == [first.pair]
        assert app.announced == ["transfer.decided", "transfer.withdrawn"]

    async def test_another_users_decision_is_not_found(self, app: Application) -> None:
        ada, eve = await person(app), await person(app, "eve@example.org")
        first = await ada.confirmed(await ada.own.goes(), await ada.own.comes())
        nothing = Failure(TransferNotFound("No such transfer."))

        for transfer_id in (first.id, TransferId(new_id())):
            withdrawn = await app.use(WithdrawTransfer)(
                transfer_id=transfer_id, user_id=eve.own.owner
            )
            transfer = await app.use(ShowTransfer)(transfer_id=transfer_id, user_id=eve.own.owner)
            assert withdrawn == transfer == nothing
            assert app.trail[-2:] == [
                ("transfer.withdraw", "failure"),
                ("transfer.view", "failure"),
            ]
        assert await ada.own.listed() == [first]

    async def test_an_invisible_decision_is_not_deleted(self, app: Application) -> None:
        ada = await person(app)
        out, incoming = await ada.own.goes(), await ada.own.comes()
        first = await ada.confirmed(out, incoming)
        await ada.own.undo(incoming)

        done = await app.use(WithdrawTransfer)(transfer_id=first.id, user_id=ada.own.owner)

        assert done == Failure(TransferNotFound("No such transfer."))
        app.store.transactions[incoming.id] = incoming
        assert await ada.own.listed() == [first]


class TestListing:
    async def test_lists_by_status(self, app: Application) -> None:
        ada = await person(app)
        days = {CONFIRMED: 2, REFUSED: 10, None: 20}
        for decision, day in days.items():
            out, incoming = await ada.own.goes(day=day), await ada.own.comes(day=day)
            if decision:
                await ada.decide(out, incoming, decision)

        for status, day in zip(("confirmed", "refused", "suggested"), days.values(), strict=True):
            (only,) = (await ada.list(TransferStatus(status))).items
            assert only.pair.outgoing.booking_date.day == day

    async def test_reading_is_audited_and_not_announced(self, app: Application) -> None:
        ada = await person(app)
        await ada.own.goes()
        await ada.own.comes()

        await ada.list()

        assert app.trail == [("transfers.viewed", "success")]
        assert app.store.entries[-1].details == {"count": 1}
        assert app.announced == []

    async def test_the_last_ninety_days_are_searched(self, app: Application) -> None:
        ada = await person(app)
        for at in (date(2026, 3, 31), date(2025, 12, 31), date(2025, 12, 30)):
            await ada.own.goes(booking_date=at)
            await ada.own.comes(booking_date=at)

        found = {each.pair.outgoing.booking_date for each in (await ada.list()).items}
        earlier = await ada.list(period=SearchWindow(None, date(2025, 12, 30)))

        assert found == {date(2026, 3, 31), date(2025, 12, 31)}
        assert len(earlier.items) == 2

    async def test_a_ledger_without_booked_transactions_has_no_transfers(
        self, app: Application
    ) -> None:
        ada = await person(app)

        assert (await ada.list()).items == []

    async def test_a_period_that_is_too_long_is_refused(self, app: Application) -> None:
        ada = await person(app)

        done = await app.use(ListTransfers)(
            user_id=ada.own.owner,
            status=SUGGESTED,
            period=SearchWindow(date(2024, 1, 1), date(2026, 1, 1)),
            after=None,
            limit=9,
        )

        assert done == Failure(PeriodTooLong("At most 366 days can be searched at once."))
        assert app.trail == [("transfers.view", "failure")]
