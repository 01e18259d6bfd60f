"""The change feed while others write: nothing missed, nothing twice, in whatever order they end."""

import asyncio
import random
import time
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest

from dashtam.application.ledger.import_queries import ListImports
from dashtam.application.ledger.manage_accounts import AddAccount, DeleteAccount, EditAccount
from dashtam.application.ledger.transactions import (
    DeleteTransaction,
    EditTransaction,
    ListTransactions,
    ShowTransaction,
)
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.ledger.as_of import AsOf
from domain.ledger.changes import (
    ChangedResource,
    ChangeKind,
    ChangesPage,
    CursorAhead,
    FeedCursor,
    HistoryChanged,
)
from domain.ledger.entities import Account, Holding, Transaction
from domain.ledger.kinds import AccountKind
from domain.ledger.values import AccountReference
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.result import Result, Success
from tests.adapters.persistence.replica import (
    EVERYTHING,
    Replica,
    beside,
    current_history,
    ledger,
    of,
)
from tests.adapters.persistence.test_daily_files import import_file, register
from tests.contracts.changes import ChangeFeedContract, FeedSample
from tests.daily_files import daily
from tests.lanes import SEED, many
from tests.statements import days, ofx, statement

ACCOUNT, TRANSACTION = ChangedResource.ACCOUNT, ChangedResource.TRANSACTION
STATED = [ChangedResource.BALANCE, ChangedResource.HOLDING]


@pytest.fixture
def replica(committing_database: str) -> Replica:
    """A reader who has seen three transactions of Ada's."""
    return asyncio.run(_begun())


async def _begun() -> Replica:
    ada = await register("ada@example.org")
    await import_file(ada, ofx(statement(*days(3))))
    replica = Replica(ada)
    await replica.catch_up()
    assert len(replica.active(Transaction)) == 3
    await container.publisher.drain()
    return replica


def first_of(replica: Replica) -> UUID:
    row: TransactionId = min(row.id for row in replica.active(Transaction))
    return row


async def edit(owner: UserId, transaction_id: UUID, note: str) -> None:
    done = await container.use(EditTransaction)(
        transaction_id=TransactionId(transaction_id), user_id=owner, note=note
    )
    assert isinstance(done, Success)


class TestOvertakenPositions:
    async def test_a_transaction_that_begins_first_and_commits_last_is_not_missed(
        self, replica: Replica
    ) -> None:
        row = first_of(replica)
        with beside() as slow:
            slow.number()
            added = slow.add_copy(row)
            await edit(replica.owner, row, "quick")
            # What the quick one wrote is visible, and something earlier could still follow it.
            assert await replica.read() == []
            slow.commit()
        assert of(await replica.read(), TRANSACTION) == [(added, "added", 1), (row, "modified", 2)]
        await replica.assert_is_the_ledger()

    async def test_a_lower_transaction_id_that_writes_later_is_listed_later(
        self, replica: Replica
    ) -> None:
        row = first_of(replica)
        with beside() as slow:
            number = slow.number()
            await edit(replica.owner, row, "quick")
            slow.note(row, "slow")
            assert await replica.read() == []
            slow.commit()
        changes = await replica.read()
        assert of(changes, TRANSACTION) == [(row, "modified", 2), (row, "modified", 3)]
        assert changes[0].cursor.position == changes[1].cursor.position > number
        assert replica.things[row].note == "slow"
        await replica.assert_is_the_ledger()

    async def test_a_rolled_back_transaction_leaves_nothing_and_blocks_nobody(
        self, replica: Replica
    ) -> None:
        row = first_of(replica)
        with beside() as slow:
            slow.number()
            slow.add_copy(row)
            await edit(replica.owner, row, "quick")
            slow.roll_back()
        assert of(await replica.read(), TRANSACTION) == [(row, "modified", 2)]
        await replica.assert_is_the_ledger()

    async def test_a_version_that_was_never_visible_is_replayed_too(self, replica: Replica) -> None:
        with beside() as other:
            other.number()
            added = other.add_copy(first_of(replica))
            other.note(added, "once")
            other.note(added, "twice")
            other.commit()
        changes = of(
            await replica.read(1) + await replica.read(1) + await replica.read(), TRANSACTION
        )
        assert changes == [(added, "added", 1), (added, "modified", 2), (added, "modified", 3)]
        await replica.assert_is_the_ledger()


class TestOvertakenTimes:
    async def test_one_version_of_each_transaction_is_valid_at_any_time(
        self, replica: Replica
    ) -> None:
        row = first_of(replica)
        with beside() as slow:
            slow.number()
            added = slow.add_copy(row)
            await edit(replica.owner, row, "quick")
            slow.note(row, "slow")
            slow.commit()
        changes = await replica.read()
        (began,) = [each.recorded_at for each in changes if each.cursor.id == added]
        written = [each.recorded_at for each in changes if each.cursor.id == row]

        assert began < written[0] == written[1]
        assert await noted(replica, row, began) == ""
        assert await noted(replica, row, written[0]) == "slow"


async def noted(replica: Replica, row: UUID, moment: datetime) -> str:
    """Return a transaction at an instant, from the list as well as by itself."""
    as_of = AsOf(moment=moment)
    (account,) = replica.active(Account)
    page = await container.use(ListTransactions)(
        account_id=account.id,
        user_id=replica.owner,
        where=EVERYTHING,
        after=None,
        limit=10,
        as_of=as_of,
    )
    result = await container.use(ShowTransaction)(
        transaction_id=TransactionId(row), user_id=replica.owner, as_of=as_of
    )
    assert isinstance(page, Success)
    assert isinstance(result, Success)
    assert [each for each in page.value.items if each.id == row] == [result.value]
    return result.value.note


class TestImportedState:
    async def test_holdings_follow_their_import(self, replica: Replica) -> None:
        with beside() as other:
            other.number()
            holding = other.add_holding(first_of(replica))
            other.commit()
        (change,) = await replica.read()
        assert (change.cursor.resource, change.cursor.id) == (ChangedResource.HOLDING, holding)
        assert isinstance(change.content, Holding)
        assert (change.content.security.scheme, change.content.quantity) == ("ISIN", Decimal(3))

        await undo_all(replica.owner)
        changes = await replica.read()
        cursors = [each.cursor for each in changes]
        assert [each.resource for each in cursors] == [*[TRANSACTION] * 3, *STATED]
        assert {each.kind for each in changes} == {ChangeKind.REMOVED}
        assert len({each.position for each in cursors}) == 1
        assert [each for each in replica.things.values() if not isinstance(each, Account)] == []

    async def test_a_balance_of_two_imports_stays_while_one_remains(self, replica: Replica) -> None:
        repeated = await import_file(replica.owner, ofx(statement(*days(3))) + b"\n")
        assert [each.kind for each in await replica.read()] == [ChangeKind.ADDED]
        await replica.assert_is_the_ledger()
        done = await container.use(UndoImport)(import_id=repeated.id, user_id=replica.owner)
        assert isinstance(done, Success)
        assert [each.kind for each in await replica.read()] == [ChangeKind.REMOVED]
        await replica.assert_is_the_ledger()


async def undo_all(owner: UserId) -> None:
    page = await container.use(ListImports)(user_id=owner, after=None, limit=100)
    assert isinstance(page, Success)
    for each in page.value.items:
        done = await container.use(UndoImport)(import_id=each.id, user_id=owner)
        assert isinstance(done, Success)


class TestFeed(ChangeFeedContract):
    @pytest.fixture
    def sample(self, replica: Replica) -> FeedSample:
        return asyncio.run(self._sample(replica))

    async def _sample(self, replica: Replica) -> FeedSample:
        await edit(replica.owner, first_of(replica), "edited")
        await undo_all(replica.owner)
        await import_file(replica.owner, ofx(statement(*days(4))))
        async with container.ports.unit_of_work(owner=replica.owner):
            page = await container.ports.changes.page(owner=replica.owner, after=None, limit=500)
        assert isinstance(page, Success)
        await container.publisher.drain()
        feed = OwnFeed(replica.owner)
        return FeedSample(feed, replica.owner, page.value.items, current_history())


class OwnFeed:
    """The feed as one user reads it, even if the query is for another's."""

    def __init__(self, reader: UserId) -> None:
        self._reader = reader

    async def page(
        self, *, owner: UserId, after: FeedCursor | None, limit: int
    ) -> Result[ChangesPage, CursorAhead | HistoryChanged | Unavailable]:
        async with container.ports.unit_of_work(owner=self._reader):
            return await container.ports.changes.page(owner=owner, after=after, limit=limit)


class Writers:
    """Several concurrent writers on one ledger: some keep their transactions open for long."""

    def __init__(self, owner: UserId, chance: random.Random) -> None:
        self.owner = owner
        self.chance = chance
        self.imports: list[ImportId] = []

    async def work(self, rounds: int) -> None:
        files = daily() * 2
        self.chance.shuffle(files)
        await self._import([ofx(statement(*days(20)))])
        self.imports.clear()
        await asyncio.gather(
            self._import(files[: rounds // 2]),
            self._import(files[rounds // 2 : rounds]),
            self._edit_and_delete(rounds),
            self._undo(rounds // 4),
            *(self._idle_in_transaction(rounds // 4) for _ in range(2)),
        )

    async def _import(self, files: list[bytes]) -> None:
        for file in files:
            self.imports.append((await import_file(self.owner, file)).id)

    async def _edit_and_delete(self, rounds: int) -> None:
        for round_number in range(rounds):
            row = await self._some()
            change = container.use(EditTransaction)
            if round_number % 7 == 0:
                await container.use(DeleteTransaction)(transaction_id=row, user_id=self.owner)
            else:
                await change(transaction_id=row, user_id=self.owner, note=f"turn {round_number}")

    async def _undo(self, rounds: int) -> None:
        for _ in range(rounds):
            await asyncio.sleep(self.chance.random() * 0.1)
            if self.imports:
                import_id = self.imports.pop(self.chance.randrange(len(self.imports)))
                done = await container.use(UndoImport)(import_id=import_id, user_id=self.owner)
                assert isinstance(done, Success)

    async def _idle_in_transaction(self, rounds: int) -> None:
        for _ in range(rounds):
            row, gives_up = await self._some(), self.chance.random() < 0.3
            waits = [self.chance.random() * 0.1 for _ in range(2)]
            await asyncio.to_thread(_write_slowly, row, waits, gives_up)

    async def _some(self) -> TransactionId:
        return self.chance.choice((await ledger(self.owner))[1]).id


def _write_slowly(row: UUID, waits: list[float], gives_up: bool) -> None:
    with beside() as slow:
        slow.number()
        time.sleep(waits[0])
        slow.add_copy(row)
        time.sleep(waits[1])
        # Last: a transaction that holds a row lock waits for nobody.
        slow.note(row, "slow")
        slow.roll_back() if gives_up else slow.commit()


async def _poll(replica: Replica, chance: random.Random, ended: asyncio.Event) -> None:
    while not ended.is_set():
        await replica.read(chance.choice([1, 3, 50, 500]))
        await asyncio.sleep(chance.random() * 0.01)


@pytest.mark.slow
@pytest.mark.usefixtures("committing_database")
async def test_a_reader_rebuilds_the_ledger_during_concurrent_writes() -> None:
    for round_number in range(many(2, 40)):
        chance = random.Random(SEED + round_number)
        ada, bob = [await register(f"{name}{round_number}@example.org") for name in ("ada", "bob")]
        hers, his, ended = Replica(ada), Replica(bob), asyncio.Event()
        readers = [asyncio.create_task(_poll(each, chance, ended)) for each in (hers, his)]
        await Writers(ada, chance).work(many(24, 40))
        ended.set()
        await asyncio.gather(*readers)
        await hers.catch_up()
        await his.catch_up(7)

        await hers.assert_is_the_ledger()
        assert len(hers.changes) > len(hers.things) > 20, f"seed {SEED + round_number}"
        assert his.changes == []
        late = Replica(ada)
        await late.catch_up(11)
        assert late.changes == hers.changes
    await container.publisher.drain()
    container.database.close()


class TestAccounts:
    async def test_every_name_of_an_account_is_listed(self, replica: Replica) -> None:
        (account,) = replica.active(Account)
        for name in ("Everyday", "Rent", "Everyday"):
            await _rename(replica.owner, account, name)
        empty = await _add(replica.owner)
        done = await container.use(DeleteAccount)(account_id=empty, user_id=replica.owner)
        assert isinstance(done, Success)

        changes = of(await replica.read(), ACCOUNT)

        assert changes == [
            *((account.id, "modified", version) for version in (2, 3, 4)),
            (empty, "added", 1),
            (empty, "removed", 2),
        ]
        await replica.assert_is_the_ledger()

    async def test_a_reader_from_the_beginning_reads_the_same(self, replica: Replica) -> None:
        (account,) = replica.active(Account)
        await _rename(replica.owner, account, "Everyday")
        late = Replica(replica.owner)

        await late.catch_up(1)

        assert [each.name for each in late.active(Account)] == ["Everyday"]
        assert of(late.changes, ACCOUNT) == [(account.id, "added", 1), (account.id, "modified", 2)]
        await late.assert_is_the_ledger()


async def _rename(owner: UserId, account: Account, name: str) -> None:
    done = await container.use(EditAccount)(
        account_id=account.id, user_id=owner, changes={"name": name}
    )
    assert isinstance(done, Success)


async def _add(owner: UserId) -> AccountId:
    reference = AccountReference(kind=AccountKind.OTHER, number="", currency="EUR")
    added = await container.use(AddAccount)(reference, user_id=owner, name="Cash")
    assert isinstance(added, Success)
    return added.value.account.id
