"""What every implementation of `TransactionRepository` must store of a row."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from domain.ledger.entities import Transaction
from domain.ledger.ports import ListedTransaction, TransactionFilter
from domain.ledger.values import Security, Trade
from domain.shared.result import Success
from tests.contracts.world import World
from tests.factories import make_row, make_transaction


class RowsContract:
    async def test_stores_security_trades(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        security = Security(
            scheme="ISIN", number="US0000000001", name="Northern Lights", ticker="NL"
        )
        trades = [
            Trade(security=security, quantity=Decimal("-3.5"), unit_price=Decimal("10.25")),
            Trade(security=replace(security, number="US0000000002", name=""), quantity=Decimal(0)),
            # Named once more by a statement that knows less of it.
            Trade(security=Security(scheme="ISIN", number=security.number), quantity=Decimal(1)),
        ]
        bought = [
            make_transaction(account, source, make_row(day=9 - day, provider_id=None, trade=trade))
            for day, trade in enumerate(trades)
        ]

        for each in bought:
            assert await world.transactions.add([each]) == Success(None)

        found = [row.trade for row in (await self._listed(world, bought[0]))]
        assert found == [*trades[:2], replace(trades[2], security=security)]

    async def test_stores_any_text_and_the_empty_one(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        texts = ["", "{NULL}", "a\\b", "tab\tand\nline", 'quo"te', "NULL", "\\N", "é𝄞"]
        for number, text in enumerate(texts):
            row = make_row(str(number + 1), description=text, provider_id=None, raw={"NAME": text})
            alone = make_transaction(account, source, row)
            assert await world.transactions.add([alone]) == Success(None)
            got = await world.transactions.get(alone.id, owner=alone.user_id)
            assert got == Success(alone)

    async def _listed(self, world: World, row: Transaction) -> Sequence[ListedTransaction]:
        page = await world.transactions.page(
            row.account_id, owner=row.user_id, where=TransactionFilter(), after=None, limit=9
        )
        assert isinstance(page, Success)
        return page.value.items
