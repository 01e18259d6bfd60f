"""The known past stays the same whatever is done to a ledger, and a reader keeps up."""

from datetime import datetime

from asgiref.sync import async_to_sync
from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from dashtam.application.ledger.transactions import ListTransactions, ShowTransaction
from dashtam.container import container
from domain.ledger.as_of import AsOf
from domain.ledger.entities import Transaction
from domain.shared.pages import Cursor
from domain.shared.result import Failure, Success
from tests.adapters.persistence.ledger_machine import LedgerMachine
from tests.adapters.persistence.replica import EVERYTHING, Replica, plain


class PastMachine(LedgerMachine):
    """The ledger's machine, with a memory: the whole ledger as it was after every step."""

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.replica = Replica(self.user_id)
        self.past: list[tuple[datetime, list[Transaction]]] = [(_now(), [])]

    @invariant()
    def is_remembered(self) -> None:
        rows = [plain(row) for row in self._ledger()]
        if rows != self.past[-1][1]:
            self.past.append((_now(), rows))

    @invariant()
    def can_be_rebuilt(self) -> None:
        async_to_sync(self._follow)()

    @precondition(lambda self: self.account_id)
    @rule(data=st.data(), limit=st.sampled_from([1, 3, 100]))
    def look_back(self, data: st.DataObject, limit: int) -> None:
        moment, rows = data.draw(st.sampled_from(self.past))

        assert async_to_sync(self._known_then)(moment, limit) == rows
        for row in {row.id: row for _, version in self.past for row in version}.values():
            then = {each.id: each for each in rows}.get(row.id)
            assert async_to_sync(self._show)(row, moment) == then

    def teardown(self) -> None:
        """Look back at everything once more, when all is done."""
        if getattr(self, "account_id", None):
            for moment, rows in self.past:
                assert async_to_sync(self._known_then)(moment, 100) == rows

    async def _follow(self) -> None:
        await self.replica.catch_up()
        await self.replica.assert_is_the_ledger()

    async def _known_then(self, moment: datetime, limit: int) -> list[Transaction]:
        assert self.account_id
        rows: list[Transaction] = []
        more, cursor = True, None
        while more:
            page = await container.use(ListTransactions)(
                account_id=self.account_id,
                user_id=self.user_id,
                where=EVERYTHING,
                after=cursor,
                limit=limit,
                as_of=AsOf(moment=moment),
            )
            assert isinstance(page, Success)
            rows += [plain(row) for row in page.value.items]
            cursor = page.value.next
            more = isinstance(cursor, Cursor)
        return rows

    async def _show(self, row: Transaction, moment: datetime) -> Transaction | None:
        result = await container.use(ShowTransaction)(
            transaction_id=row.id, user_id=self.user_id, as_of=AsOf(moment=moment)
        )
        if isinstance(result, Failure):
            return None
        transaction: Transaction = plain(result.value)
        return transaction


def _now() -> datetime:
    """Return the time of the database, which recorded times are of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now
