"""What every implementation of `TransferRepository` must do."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.ledger.entities import Transaction
from domain.ledger.errors import AlreadyTransferred, TransactionNotFound, TransferNotFound
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import Pair, Suggestion, Transfer, TransferCursor
from domain.shared.ids import TransactionId, UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.transfer_accounts import CONFIRMED, MARCH, REFUSED, Accounts, decided, pair


class _SuggestionsContract:
    async def test_suggests_an_outgoing_and_an_incoming_transaction(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming = await own.goes(day=1), await own.comes(day=6)

        assert await own.suggested() == [Suggestion(pair(out, incoming), ambiguous=False)]

    async def test_suggests_nothing_else(self, world: World) -> None:
        own = await Accounts.opened(world)
        await own.goes("-50.00", day=1)
        await own.comes("50.01", day=1)
        await own.comes("50.00", day=7)
        await own.book(own.checking, "50.00", day=1)
        await own.comes("50.00", day=1, pending=True)
        await own.comes("50.00", day=1, currency="USD")
        await own.goes("0.00", day=2)
        await own.comes("0.00", day=2)
        eve = await Accounts.opened(world, "eve@example.org")
        await eve.comes("50.00", day=1)

        assert await own.suggested() == await eve.suggested() == []

    async def test_lists_every_match_nearest_first(self, world: World) -> None:
        own = await Accounts.opened(world)
        far, out = await own.comes(day=8), await own.goes(day=4)
        same, near = await own.comes(day=4), await own.comes(day=3)

        assert await own.suggested() == [
            Suggestion(pair(out, incoming), ambiguous=True) for incoming in (same, near, far)
        ]

    async def test_competing_suggestions_are_ambiguous_even_outside_the_period(
        self, world: World
    ) -> None:
        own = await Accounts.opened(world)
        early, late = await own.goes(day=1), await own.goes(day=9)
        incoming = await own.comes(day=5)

        for out in (early, late):
            day = out.booking_date
            assert await own.suggested(SearchWindow(day, day)) == [
                Suggestion(pair(out, incoming), ambiguous=True)
            ]
        assert await own.suggested(SearchWindow(date(2026, 3, 2), date(2026, 3, 8))) == []

    async def test_pages_meet_without_gap_or_overlap(self, world: World) -> None:
        own = await Accounts.opened(world)
        for day in (2, 2, 3):
            await own.goes(day=day)
            await own.comes(day=day)
        whole = await own.suggested()
        assert len(whole) == 9

        for limit in (1, 2, 4, 9):
            listed: list[object] = []
            after: TransferCursor | None = None
            for _ in range(-(-9 // limit)):
                page = await world.transfers.suggestions(
                    owner=own.owner, period=MARCH, after=after, limit=limit
                )
                assert isinstance(page, Success)
                listed += page.value.items
                after = page.value.next
            assert (listed, after) == (whole, None)

    async def test_finds_the_newest_booking_date(self, world: World) -> None:
        own = await Accounts.opened(world)
        assert await world.transfers.newest_booking(owner=own.owner) == Success(None)
        await own.goes(day=4)
        await own.comes(day=7)
        await own.comes(day=9, pending=True)

        newest = await world.transfers.newest_booking(owner=own.owner)

        assert newest == Success(date(2026, 3, 7))


class _DecisionsContract:
    async def test_returns_decisions(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming = await own.goes(), await own.comes()
        transfer = await own.decide(out, incoming)

        assert await world.transfers.get(transfer.id, owner=own.owner) == Success(transfer)
        assert await world.transfers.find(transfer.pair, owner=own.owner) == Success(transfer)
        assert await own.listed(CONFIRMED) == [transfer]
        assert await own.listed(REFUSED) == await own.suggested() == []

    async def test_a_confirmed_transaction_matches_nothing_else(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming = await own.goes(), await own.comes()
        await own.goes()
        await own.comes()
        assert len(await own.suggested()) == 4

        await own.decide(out, incoming)

        (left,) = await own.suggested()
        assert not left.ambiguous

    async def test_a_refused_transaction_may_match_others(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming, other = await own.goes(), await own.comes(), await own.comes()

        refused = await own.decide(out, incoming, REFUSED)

        assert await own.suggested() == [Suggestion(pair(out, other), ambiguous=False)]
        assert await own.listed(REFUSED) == [refused]

    async def test_a_decision_is_changed_under_its_id(self, world: World) -> None:
        own = await Accounts.opened(world)
        transfer = await own.decide(await own.goes(), await own.comes(), REFUSED)

        changed = replace(transfer, decision=CONFIRMED)
        assert await world.transfers.upsert(changed) == Success([])

        assert await own.listed(CONFIRMED) == [changed]
        assert await own.listed(REFUSED) == []

    async def test_a_withdrawn_decision_is_suggested_again(self, world: World) -> None:
        own = await Accounts.opened(world)
        transfer = await own.decide(await own.goes(), await own.comes())

        assert await world.transfers.withdraw(transfer) == Success(None)

        nothing = Failure(TransferNotFound("No such transfer."))
        assert await world.transfers.get(transfer.id, owner=own.owner) == nothing
        assert await world.transfers.withdraw(transfer) == nothing
        assert [each.pair for each in await own.suggested()] == [transfer.pair]

    async def test_pages_of_decisions_meet_without_gap_or_overlap(self, world: World) -> None:
        own = await Accounts.opened(world)
        for day in (2, 2, 3, 4):
            await own.decide(await own.goes(day=day), await own.comes(day=day))
        whole = await own.listed()
        assert len(whole) == 4
        listed: list[object] = []
        after: TransferCursor | None = None
        for _ in range(2):
            page = await world.transfers.decided(
                CONFIRMED, owner=own.owner, period=SearchWindow(), after=after, limit=2
            )
            assert isinstance(page, Success)
            listed += page.value.items
            after = page.value.next

        assert (listed, after) == (whole, None)

    async def test_lists_decisions_of_a_period(self, world: World) -> None:
        own = await Accounts.opened(world)
        for day in (2, 3, 4):
            await own.decide(await own.goes(day=day), await own.comes(day=day))
        third = date(2026, 3, 3)

        for period, count in (
            (SearchWindow(third), 2),
            (SearchWindow(None, third), 2),
            (SearchWindow(third, third), 1),
        ):
            page = await world.transfers.decided(
                CONFIRMED, owner=own.owner, period=period, after=None, limit=9
            )
            assert isinstance(page, Success)
            assert len(page.value.items) == count

    async def test_a_transaction_is_in_one_transfer_at_most(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming, other = await own.goes(), await own.comes(), await own.comes()
        first = await own.decide(out, incoming)

        second = await world.transfers.upsert(decided(out, other))

        assert second == Failure(
            AlreadyTransferred("One of the two transactions is already part of a transfer.")
        )
        assert await own.listed() == [first]
        await own.decide(out, other, REFUSED)

    async def test_another_users_decisions_are_not_found(self, world: World) -> None:
        own = await Accounts.opened(world)
        eve = await world.user("eve@example.org")
        out, incoming = await own.goes(), await own.comes()
        transfer = await own.decide(out, incoming)
        transfers, nothing = world.transfers, TransferNotFound("No such transfer.")

        assert await transfers.get(transfer.id, owner=eve.id) == Failure(nothing)
        assert await transfers.find(transfer.pair, owner=eve.id) == Success(None)
        assert await transfers.withdraw(replace(transfer, user_id=eve.id)) == Failure(nothing)
        assert await self._locked(world, out, incoming, eve.id) is None
        assert await transfers.newest_booking(owner=eve.id) == Success(None)
        assert await own.listed() == [transfer]

    async def test_locks_active_transfers(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming = await own.goes(), await own.comes(pending=True)

        assert await self._locked(world, out, incoming, own.owner) == pair(out, incoming)
        assert await self._locked(world, out, out, own.owner) == pair(out, out)

        await own.undo(incoming)
        assert await self._locked(world, out, incoming, own.owner) is None
        strange = replace(out, id=TransactionId(new_id()))
        assert await self._locked(world, strange, out, own.owner) is None

    async def _locked(
        self, world: World, out: Transaction, incoming: Transaction, owner: UserId
    ) -> Pair | None:
        locked = await world.transfers.lock_pair(out.id, incoming.id, owner=owner)
        if isinstance(locked, Failure):
            assert locked == Failure(TransactionNotFound("No such transaction."))
            return None
        return locked.value


class _RemovedAndRestoredContract:
    async def test_a_transfer_exists_while_both_transactions_do(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming = await own.goes(), await own.comes()
        transfer = await own.decide(out, incoming)

        await own.undo(incoming)
        assert await own.listed() == []
        assert isinstance(await world.transfers.get(transfer.id, owner=own.owner), Failure)
        assert await own.suggested() == []

        assert await world.transactions.update_from_import([incoming]) == Success(None)
        assert await own.listed() == [transfer]

    async def test_a_transaction_left_alone_may_be_paired_again(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming, other = await own.goes(), await own.comes(), await own.comes()
        first = await own.decide(out, incoming)
        await own.undo(incoming)
        assert await own.suggested() == [Suggestion(pair(out, other), ambiguous=False)]

        second = decided(out, other)
        assert await world.transfers.upsert(second) == Success([first.id])

        assert await world.transactions.update_from_import([incoming]) == Success(None)
        assert await own.listed() == [second]
        assert await own.suggested() == []

    async def test_a_displaced_transfer_can_be_decided_again(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming, other = await own.goes(), await own.comes(), await own.comes()
        await own.decide(out, incoming)
        await own.undo(incoming)
        second = decided(out, other)
        assert isinstance(await world.transfers.upsert(second), Success)
        assert await world.transactions.update_from_import([incoming]) == Success(None)

        assert await world.transfers.withdraw(second) == Success(None)

        assert len(await own.suggested()) == 2
        await own.decide(out, incoming)

    async def test_refusing_displaces_nothing(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming, other = await own.goes(), await own.comes(), await own.comes()
        first = await own.decide(out, incoming)
        await own.undo(incoming)

        await own.decide(out, other, REFUSED)

        assert await world.transactions.update_from_import([incoming]) == Success(None)
        assert await own.listed() == [first]

    async def test_amounts_that_no_longer_cancel_break_it(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming, other = await own.goes(), await own.comes(), await own.comes("49.00")
        transfer = await own.decide(out, incoming)
        assert not transfer.broken
        less = replace(out, amount=Money(Decimal("-49.00"), "EUR"))

        assert await world.transactions.update_from_import([less]) == Success(None)

        (transfers,) = await own.listed()
        assert isinstance(transfers, Transfer)
        assert transfers == replace(transfer, pair=pair(less, incoming))
        assert transfers.broken
        # Its transactions belong to it until a decision says otherwise.
        assert await own.suggested() == []
        assert isinstance(await world.transfers.upsert(decided(less, other)), Failure)

    async def test_a_transaction_with_a_reversed_sign_is_still_assigned(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, incoming = await own.goes(), await own.comes()
        transfer = await own.decide(out, incoming)
        back = replace(out, amount=Money(Decimal("50.00"), "EUR"))
        assert await world.transactions.update_from_import([back]) == Success(None)
        other = await own.comes("-50.00")

        assert await own.suggested() == []
        assert isinstance(await world.transfers.upsert(decided(other, back)), Failure)

        assert await world.transfers.withdraw(transfer) == Success(None)
        assert await own.suggested() == [Suggestion(pair(other, back), ambiguous=False)]

    async def test_a_decision_survives_booking(self, world: World) -> None:
        own = await Accounts.opened(world)
        out, waiting = await own.goes(), await own.comes(pending=True)
        await own.decide(out, waiting, REFUSED)
        booked = replace(waiting, status=out.status)

        assert await world.transactions.update_from_import([booked]) == Success(None)

        assert await own.suggested() == []
        assert len(await own.listed(REFUSED)) == 1


class TransferRepositoryContract(
    _SuggestionsContract, _DecisionsContract, _RemovedAndRestoredContract
):
    """All of it."""
