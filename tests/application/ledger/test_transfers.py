"""Suggest, confirm, refuse and take back: what is audited, announced, and refused."""

from dataclasses import replace as changed
from datetime import date, timedelta

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
from domain.ledger.periods import Period
from domain.ledger.transfers import Transfer, TransferDecision, TransfersPage, TransferStatus
from domain.shared.ids import TransferId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.paired import Accounts, pair

CONFIRMED, REFUSED = TransferDecision.CONFIRMED, TransferDecision.REFUSED
SUGGESTED = TransferStatus.SUGGESTED
ANY_DAYS = Period()


class Person:
    """A person with two accounts, who decides."""

    def __init__(self, app: Application, own: Accounts) -> None:
        self.app = app
        self.own = own

    async def decide(
        self, out: Transaction, into: Transaction, decision: TransferDecision = CONFIRMED
    ) -> Result[Transfer, object]:
        return await self.app.use(DecideTransfer)(
            outgoing_id=out.id, incoming_id=into.id, decision=decision, user_id=self.own.owner
        )

    async def confirmed(self, out: Transaction, into: Transaction) -> Transfer:
        done = await self.decide(out, into)
        assert isinstance(done, Success)
        return done.value

    async def list(
        self, status: TransferStatus = SUGGESTED, period: Period = ANY_DAYS, limit: int = 9
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
        out, into = await ada.own.goes(), await ada.own.comes()

        transfer = await ada.confirmed(out, into)

        assert (transfer.pair, transfer.decision) == (pair(out, into), CONFIRMED)
        assert transfer.decided_at == app.clock.at
        assert await ada.own.listed() == [transfer]
        assert app.trail == [("transfer.decided", "success")]
        assert app.announced == ["transfer.decided"]
        assert app.store.entries[-1].details == {
            "decision": "confirmed",
            "outgoing_id": str(out.id),
            "incoming_id": str(into.id),
        }

    async def test_saying_the_same_again_changes_nothing(self, app: Application) -> None:
        ada = await person(app)
        out, into = await ada.own.goes(), await ada.own.comes()
        first = await ada.confirmed(out, into)
        app.clock.at += timedelta(days=1)

        assert await ada.decide(out, into) == Success(first)

        assert app.announced == ["transfer.decided"]
        assert app.trail[-1] == ("transfer.viewed", "success")

    async def test_one_may_think_again_and_again(self, app: Application) -> None:
        ada = await person(app)
        out, into = await ada.own.goes(), await ada.own.comes()
        first = await ada.confirmed(out, into)

        for decision in (REFUSED, CONFIRMED, REFUSED):
            done = await ada.decide(out, into, decision)
            assert isinstance(done, Success)
            assert (done.value.id, done.value.decision) == (first.id, decision)
        assert app.announced == ["transfer.decided"] * 4

    async def test_what_is_refused_is_not_suggested_again(self, app: Application) -> None:
        ada = await person(app)
        out, into = await ada.own.goes(), await ada.own.comes()
        assert len((await ada.list()).items) == 1

        await ada.decide(out, into, REFUSED)

        assert (await ada.list()).items == []

    async def test_refuses_what_is_no_pair(self, app: Application) -> None:
        ada = await person(app)
        out, other = await ada.own.goes(), await ada.own.comes("51.00")

        assert await ada.decide(out, other) == Failure(
            NotATransfer("The two amounts do not match.")
        )
        assert await ada.decide(out, out, REFUSED) == Failure(
            NotATransfer("A transfer needs two different accounts.")
        )
        assert app.trail == [("transfer.decide", "failure")] * 2
        assert app.store.entries[-1].details == {"error": "not-a-transfer"}
        assert app.store.transfers == {}

    async def test_nothing_is_in_two_transfers(self, app: Application) -> None:
        ada = await person(app)
        out, into, other = [await ada.own.goes(), await ada.own.comes(), await ada.own.comes()]
        first = await ada.confirmed(out, into)

        assert await ada.decide(out, other) == Failure(
            AlreadyTransferred("One of the two transactions is already part of a transfer.")
        )

        assert await ada.own.listed() == [first]
        assert app.trail[-1] == ("transfer.decide", "failure")

    async def test_another_ones_transactions_are_not_found(self, app: Application) -> None:
        ada, eve = await person(app), await person(app, "eve@example.org")
        out, into = await ada.own.goes(), await ada.own.comes()
        nothing = Failure(TransactionNotFound("No such transaction."))

        assert await eve.decide(out, into) == nothing
        assert await eve.decide(await eve.own.goes(), into, REFUSED) == nothing

    async def test_taking_the_place_of_what_is_gone_is_told(self, app: Application) -> None:
        ada = await person(app)
        out, into, other = [await ada.own.goes(), await ada.own.comes(), await ada.own.comes()]
        first = await ada.confirmed(out, into)
        await ada.own.undo(into)

        second = await ada.confirmed(out, other)

        assert app.announced == ["transfer.decided", "transfer.decided", "transfer.withdrawn"]
        assert app.store.entries[-1].resource_id == first.id
        assert [*app.store.transfers] == [second.id]

    async def test_what_broke_is_shown_so_and_can_be_refused(self, app: Application) -> None:
        ada = await person(app)
        out, into = await ada.own.goes(), await ada.own.comes()
        first = await ada.confirmed(out, into)
        less = pair(await ada.own.goes("-49.00"), into).outgoing.amount
        app.store.transactions[out.id] = changed(out, amount=less)

        shown = await app.use(ShowTransfer)(transfer_id=first.id, user_id=ada.own.owner)
        assert isinstance(shown, Success)
        assert shown.value.broken
        assert await ada.decide(out, into) == shown
        assert isinstance(await ada.decide(out, into, REFUSED), Success)
        assert isinstance(await ada.decide(out, into), Failure)


class TestWithdrawing:
    async def test_forgets_what_was_decided(self, app: Application) -> None:
        ada = await person(app)
        first = await ada.confirmed(await ada.own.goes(), await ada.own.comes())

        done = await app.use(WithdrawTransfer)(transfer_id=first.id, user_id=ada.own.owner)

        assert done == Success(None)
        assert [each.pair for each in (await ada.list()).items] == [first.pair]
        assert app.announced == ["transfer.decided", "transfer.withdrawn"]

    async def test_what_is_not_ones_own_is_not_found(self, app: Application) -> None:
        ada, eve = await person(app), await person(app, "eve@example.org")
        first = await ada.confirmed(await ada.own.goes(), await ada.own.comes())
        nothing = Failure(TransferNotFound("No such transfer."))

        for transfer_id in (first.id, TransferId(new_id())):
            withdrawn = await app.use(WithdrawTransfer)(
                transfer_id=transfer_id, user_id=eve.own.owner
            )
            shown = await app.use(ShowTransfer)(transfer_id=transfer_id, user_id=eve.own.owner)
            assert withdrawn == shown == nothing
            assert app.trail[-2:] == [
                ("transfer.withdraw", "failure"),
                ("transfer.view", "failure"),
            ]
        assert await ada.own.listed() == [first]

    async def test_what_is_not_shown_is_not_forgotten(self, app: Application) -> None:
        ada = await person(app)
        out, into = await ada.own.goes(), await ada.own.comes()
        first = await ada.confirmed(out, into)
        await ada.own.undo(into)

        done = await app.use(WithdrawTransfer)(transfer_id=first.id, user_id=ada.own.owner)

        assert done == Failure(TransferNotFound("No such transfer."))
        app.store.transactions[into.id] = into
        assert await ada.own.listed() == [first]


class TestListing:
    async def test_lists_by_status(self, app: Application) -> None:
        ada = await person(app)
        days = {CONFIRMED: 2, REFUSED: 10, None: 20}
        for decision, day in days.items():
            out, into = await ada.own.goes(day=day), await ada.own.comes(day=day)
            if decision:
                await ada.decide(out, into, decision)

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
        earlier = await ada.list(period=Period(None, date(2025, 12, 30)))

        assert found == {date(2026, 3, 31), date(2025, 12, 31)}
        assert len(earlier.items) == 2

    async def test_a_ledger_without_bookings_has_none(self, app: Application) -> None:
        ada = await person(app)

        assert (await ada.list()).items == []

    async def test_too_many_days_are_refused(self, app: Application) -> None:
        ada = await person(app)

        done = await app.use(ListTransfers)(
            user_id=ada.own.owner,
            status=SUGGESTED,
            period=Period(date(2024, 1, 1), date(2026, 1, 1)),
            after=None,
            limit=9,
        )

        assert done == Failure(PeriodTooLong("At most 366 days can be searched at once."))
        assert app.trail == [("transfers.view", "failure")]
