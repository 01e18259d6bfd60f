"""Two accounts of a user, and transactions on them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from domain.ledger.entities import Account, Leg, Transaction
from domain.ledger.search_window import SearchWindow
from domain.ledger.transfers import Pair, Suggestion, Transfer, TransferDecision
from domain.ledger.values import MatchResult
from domain.shared.ids import TransferId, new_id
from domain.shared.money import Money
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import NOON, imported_row, make_account, make_row, make_transaction

CONFIRMED, REFUSED = TransferDecision.CONFIRMED, TransferDecision.REFUSED
MARCH = SearchWindow(date(2026, 3, 1), date(2026, 3, 31))


class Accounts:
    """Two accounts of a user with transactions."""

    def __init__(self, world: World, checking: Account, savings: Account) -> None:
        self._world = world
        self.owner = checking.user_id
        self.checking = checking
        self.savings = savings

    @classmethod
    async def opened(cls, world: World, email: str = "ada@example.org") -> "Accounts":
        connection = await world.connection(await world.user(email))
        accounts = [make_account(connection, number) for number in ("100200300", "400500600")]
        for account in accounts:
            assert await world.accounts.add(account) == Success(None)
        return cls(world, *accounts)

    async def book(
        self, account: Account, amount: str, day: int = 1, currency: str = "EUR", **changes: Any
    ) -> Transaction:
        source = await self._world.source(account)
        row = make_row(amount, day, provider_id=new_id().hex, **changes)
        row = replace(row, amount=Money(row.amount.amount, currency))
        booked = make_transaction(account, source, row)
        assert await self._world.transactions.add([booked]) == Success(None)
        assert await self._world.transactions.record_rows(
            [imported_row(booked, MatchResult.NEW)]
        ) == Success(None)
        return booked

    async def goes(self, amount: str = "-50.00", day: int = 1, **changes: Any) -> Transaction:
        return await self.book(self.checking, amount, day, **changes)

    async def comes(self, amount: str = "50.00", day: int = 1, **changes: Any) -> Transaction:
        return await self.book(self.savings, amount, day, **changes)

    async def decide(
        self, outgoing: Transaction, incoming: Transaction, decision: TransferDecision = CONFIRMED
    ) -> Transfer:
        transfer = decided(outgoing, incoming, decision)
        assert await self._world.transfers.upsert(transfer) == Success([])
        return transfer

    async def undo(self, transaction: Transaction) -> None:
        undone = await self._world.transactions.undo(transaction.import_id, owner=self.owner)
        assert undone == Success((1, 0))

    async def suggested(self, period: SearchWindow = MARCH, limit: int = 9) -> Sequence[Suggestion]:
        page = await self._world.transfers.suggestions(
            owner=self.owner, period=period, after=None, limit=limit
        )
        assert isinstance(page, Success)
        return [each for each in page.value.items if isinstance(each, Suggestion)]

    async def listed(self, decision: TransferDecision = CONFIRMED) -> Sequence[object]:
        page = await self._world.transfers.decided(
            decision, owner=self.owner, period=SearchWindow(), after=None, limit=9
        )
        assert isinstance(page, Success)
        return page.value.items


def pair(outgoing: Transaction, incoming: Transaction) -> Pair:
    return Pair(Leg.of(outgoing), Leg.of(incoming))


def decided(
    outgoing: Transaction, incoming: Transaction, decision: TransferDecision = CONFIRMED
) -> Transfer:
    return Transfer(
        id=TransferId(new_id()),
        user_id=outgoing.user_id,
        pair=pair(outgoing, incoming),
        decision=decision,
        decided_at=NOON,
        outgoing_amount=outgoing.amount.amount,
        incoming_amount=incoming.amount.amount,
    )
