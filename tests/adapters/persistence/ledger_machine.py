"""A bank, a user, and the ledger that must result from anything they do."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asgiref.sync import async_to_sync
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dashtam.application.ledger.deleted_transactions import RestoreTransaction
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.submit_import import ReimportStatement
from dashtam.application.ledger.transactions import DeleteTransaction, EditTransaction
from dashtam.application.ledger.transactions_by_hand import AddTransaction, ReviseTransaction
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.identity.entities import User
from domain.identity.events import UserRegistered
from domain.ledger.by_hand import Entry
from domain.ledger.entities import Transaction
from domain.ledger.imports import ImportRequest
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import MatchResult
from domain.shared.events import Actor
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.result import Failure, Success
from tests.factories import just_now, make_user
from tests.statements import ofx, statement


@dataclass(frozen=True)
class ExportedTransaction:
    """What a bank knows about one transaction; pending for a while, if it ever was."""

    amount: str
    booked: date
    fitid: str = ""
    pended: date | None = None
    count: int = 1

    def rows(self, *, pending: bool) -> str:
        tag = "STMTTRNP" if pending else "STMTTRN"
        day = self.pended if pending else self.booked
        leaves = f"<DTTRAN>{day:%Y%m%d}<DTPOSTED>{day:%Y%m%d}<TRNAMT>{self.amount}<NAME>Shop"
        return f"<{tag}><TRNTYPE>DEBIT{leaves}<FITID>{self.fitid}</{tag}>\n" * self.count


MARCH = [date(2026, 3, day) for day in range(1, 32)]
TRANSACTIONS = [
    ExportedTransaction("-1.00", MARCH[4], "A1"),
    ExportedTransaction("-2.00", MARCH[5], "A2", pended=MARCH[3]),
    ExportedTransaction("-3.00", MARCH[8], pended=MARCH[6]),
    ExportedTransaction("-4.00", MARCH[9], count=2),
    ExportedTransaction("-5.00", MARCH[19], "A2"),
    ExportedTransaction("-6.00", MARCH[12], "A6", pended=MARCH[12]),
]
PENDING, BOOKED = "pending", "posted"
#: Amounts of what is written by hand, which no bank states.
WRITTEN = ("-70.00", "-80.00", "90.00")
STAGES = [
    (number, stage)
    for number, transaction in enumerate(TRANSACTIONS)
    for stage in (PENDING, BOOKED)
    if stage == BOOKED or transaction.pended
]
numbers = st.integers(0, len(TRANSACTIONS) - 1)


class LedgerMachine(RuleBasedStateMachine):
    """Imports, undos, edits and deletions in any order, compared with a simple model.

    A movement is in the ledger when an import that stands knows it and it was not deleted; it is
    booked when one of them says so.
    """

    @initialize()
    def begin(self) -> None:
        user = make_user(f"user-{id(self)}-{len(_begun)}@example.org")
        _begun.append(1)
        self.user_id: UserId = user.id
        self.files: dict[ImportId, frozenset[tuple[int, str]]] = {}
        self.kept: dict[ImportId, frozenset[tuple[int, str]]] = {}
        self.undone: list[ImportId] = []
        self.deleted: set[int] = set()
        self.deleted_ids: dict[int, TransactionId] = {}
        self.notes: dict[int, str] = {}
        self.account_id: AccountId | None = None
        self.entries: dict[TransactionId, str] = {}
        async_to_sync(add_user)(user)

    @rule(stages=st.sets(st.sampled_from(STAGES), min_size=1, max_size=5))
    def import_file(self, stages: set[tuple[int, str]]) -> None:
        # A bank reports one state of a transaction at a time.
        statuses = dict(sorted(stages))
        rows = [
            TRANSACTIONS[number].rows(pending=stage == PENDING)
            for number, stage in statuses.items()
        ]
        done = async_to_sync(container.use(ImportPipeline))(
            ImportRequest(
                user_id=self.user_id, file_name="march.ofx", content=ofx(statement(*rows))
            )
        )
        assert isinstance(done, Success)
        assert done.value.is_resubmitted is (frozenset(statuses.items()) in self.files.values())
        assert done.value.is_resubmitted is (done.value.id in self.files)
        outcome = done.value.statements[0]
        counted = sum(getattr(outcome, result) for result in MatchResult)
        assert counted == sum(TRANSACTIONS[number].count for number in statuses)
        self.account_id = outcome.account_id
        self.files[done.value.id] = self.kept[done.value.id] = frozenset(statuses.items())

    @precondition(lambda self: self.account_id)
    @rule(amount=st.sampled_from(WRITTEN))
    def write_by_hand(self, amount: str) -> None:
        assert self.account_id
        entry = Entry(booking_date=MARCH[7], amount=Decimal(amount), payee="Market")
        added = async_to_sync(container.use(AddTransaction))(
            entry, account_id=self.account_id, user_id=self.user_id
        )
        assert isinstance(added, Success)
        self.entries[added.value.transaction.id] = amount

    @precondition(lambda self: self.entries)
    @rule(data=st.data(), amount=st.sampled_from(WRITTEN), day=st.sampled_from(MARCH))
    def revise(self, data: st.DataObject, amount: str, day: date) -> None:
        transaction_id = data.draw(st.sampled_from(sorted(self.entries)))
        revised = async_to_sync(container.use(ReviseTransaction))(
            {"amount": Decimal(amount), "booking_date": day},
            transaction_id=transaction_id,
            user_id=self.user_id,
        )
        assert isinstance(revised, Success)
        assert (revised.value.id, revised.value.booking_date) == (transaction_id, day)
        self.entries[transaction_id] = amount

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def undo_entry(self, data: st.DataObject) -> None:
        transaction_id = data.draw(st.sampled_from(sorted(self.entries)))
        (row,) = [each for each in self._ledger() if each.id == transaction_id]
        done = async_to_sync(container.use(UndoImport))(
            import_id=row.import_id, user_id=self.user_id
        )
        assert isinstance(done, Success)
        del self.entries[transaction_id]

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def import_equal_file(self, data: st.DataObject) -> None:
        file = data.draw(st.sampled_from(sorted(self.files.values(), key=sorted)))
        self.import_file(set(file))

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def reimport(self, data: st.DataObject) -> None:
        import_id = data.draw(st.sampled_from(sorted(self.kept)))
        done = async_to_sync(container.use(ReimportStatement))(
            import_id=import_id, user_id=self.user_id
        )
        assert isinstance(done, Success)
        assert done.value.is_resubmitted is (self.kept[import_id] in self.files.values())
        assert done.value.is_resubmitted is (done.value.id in self.files)
        self.files[done.value.id] = self.kept[done.value.id] = self.kept[import_id]

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        import_id = data.draw(st.sampled_from(sorted(self.files)))
        done = async_to_sync(container.use(UndoImport))(import_id=import_id, user_id=self.user_id)
        assert isinstance(done, Success)
        del self.files[import_id]
        self.undone.append(import_id)
        present = set(self._present())
        self.notes = {number: note for number, note in self.notes.items() if number in present}

    @precondition(lambda self: self.undone)
    @rule(data=st.data())
    def undo_twice(self, data: st.DataObject) -> None:
        import_id = data.draw(st.sampled_from(self.undone))
        done = async_to_sync(container.use(UndoImport))(import_id=import_id, user_id=self.user_id)
        assert isinstance(done, Failure)

    @rule(number=numbers, note=st.sampled_from(["gift", "work", ""]))
    def edit(self, number: int, note: str) -> None:
        for row in self._rows_of(number)[:1]:
            done = async_to_sync(container.use(EditTransaction))(
                transaction_id=row.id, user_id=self.user_id, note=note
            )
            assert isinstance(done, Success)
            self.notes[number] = note

    @rule(number=numbers)
    def delete(self, number: int) -> None:
        if TRANSACTIONS[number].count > 1:
            return
        for row in self._rows_of(number):
            done = async_to_sync(container.use(DeleteTransaction))(
                transaction_id=row.id, user_id=self.user_id
            )
            assert done == Success(None)
            self.deleted.add(number)
            self.deleted_ids[number] = row.id
            self.notes.pop(number, None)

    @precondition(lambda self: self.deleted)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.deleted)))
        done = async_to_sync(container.use(RestoreTransaction))(
            transaction_id=self.deleted_ids[number], user_id=self.user_id
        )
        stated = {each for file in self.files.values() for each, _ in file}
        assert isinstance(done, Success if number in stated else Failure)
        if isinstance(done, Success):
            self.deleted.remove(number)

    @invariant()
    def ledger_matches_model(self) -> None:
        ledger = sorted((str(row.amount.amount), str(row.status)) for row in self._ledger())
        entries = [(amount, BOOKED) for amount in getattr(self, "entries", {}).values()]
        stated = [
            (TRANSACTIONS[number].amount, stage)
            for number, stage in self._present().items()
            for _ in range(TRANSACTIONS[number].count)
        ]
        found = [(f"{float(amount):.2f}", status) for amount, status in ledger]
        assert sorted(found) == sorted([*stated, *entries])

    @invariant()
    def keeps_what_was_edited(self) -> None:
        for number, note in self.notes.items():
            assert note in {row.note for row in self._rows_of(number)}

    def _present(self) -> dict[int, str]:
        """Return the state of every transaction that should be in the ledger."""
        stated = {each for file in self.files.values() for each in file}
        # "posted" sorts behind "pending".
        return {number: stage for number, stage in sorted(stated) if number not in self.deleted}

    def _ledger(self) -> list[Transaction]:
        return async_to_sync(self._page)() if hasattr(self, "files") and self.account_id else []

    async def _page(self) -> list[Transaction]:
        assert self.account_id
        async with container.ports.unit_of_work(owner=self.user_id):
            page = await container.ports.transactions.page(
                self.account_id,
                owner=self.user_id,
                where=TransactionFilter(),
                after=None,
                limit=100,
            )
            assert isinstance(page, Success)
            return [await self._whole(row.id) for row in page.value.items]

    async def _whole(self, transaction_id: TransactionId) -> Transaction:
        found = await container.ports.transactions.get(transaction_id, owner=self.user_id)
        assert isinstance(found, Success)
        return found.value

    def _rows_of(self, number: int) -> list[Transaction]:
        wanted = float(TRANSACTIONS[number].amount)
        return [row for row in self._ledger() if float(row.amount.amount) == wanted]


async def add_user(user: User) -> None:
    async with container.ports.unit_of_work(owner=user.id) as uow:
        assert await container.ports.users.add(user) == Success(None)
        registered = UserRegistered(
            subject_id=user.id, actor=Actor.user(user.id), occurred_at=just_now()
        )
        await uow.commit(registered)


_begun: list[int] = []
