"""A user with one account in two, who merges them, and undoes that, among everything else."""

from typing import Any

from asgiref.sync import async_to_sync
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dashtam.application.ledger.apply_rules import ApplyRules
from dashtam.application.ledger.deleted_transactions import RestoreTransaction
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.merge_accounts import MergeAccounts, UndoMerge
from dashtam.application.ledger.rule_applications import UndoRuleApplication
from dashtam.application.ledger.rules import AddRule
from dashtam.application.ledger.transactions import DeleteTransaction, EditTransaction
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container import container
from domain.ledger.allocations import Split
from domain.ledger.imports import ImportRequest
from domain.ledger.ports import ListedTransaction, TransactionFilter
from domain.ledger.rules import Comparison, RuleChanges, TextCondition, TextField
from domain.shared.ids import (
    AccountId,
    ImportId,
    MergeId,
    RuleApplicationId,
    TransactionId,
    UserId,
)
from domain.shared.result import Failure, Success
from tests.adapters.persistence.ledger_machine import PENDING, STAGES, TRANSACTIONS, add_user
from tests.factories import make_user
from tests.statements import ofx, statement

#: The numbers that a bank has for the account: without a merge, each is an account of its own.
NUMBERS = ("100200300", "700800900")
#: What a rule calls the payee of every transaction here.
SHOP = "The shop"
File = frozenset[tuple[int, str]]


class MergeMachine(RuleBasedStateMachine):
    """Files of either number are imported and undone; the accounts are merged and parted again.

    An account has what the files say that are imported into it. A merge makes those of the second
    account files of the first, and its way back returns those that are still there.
    """

    @initialize()
    def begin(self) -> None:
        user = make_user(f"merging-{id(self)}-{len(_begun)}@example.org")
        _begun.append(1)
        self.user_id: UserId = user.id
        self.ids: list[AccountId] = []
        #: By account: its files, by their imports.
        self.files: tuple[dict[ImportId, File], dict[ImportId, File]] = ({}, {})
        self.merge_id: MergeId | None = None
        self.notes: dict[TransactionId, str] = {}
        #: The imports of the merge, each with its file.
        self.merged: dict[ImportId, File] = {}
        self.applications: list[RuleApplicationId] = []
        async_to_sync(add_user)(user)
        contains = TextCondition(
            where=TextField.PAYEE, comparison=Comparison.CONTAINS, value="Shop"
        )
        said = RuleChanges(name="Shops", conditions=(contains,), tags=("shop",), payee_name=SHOP)
        added = async_to_sync(container.use(AddRule))(said, user_id=self.user_id)
        assert isinstance(added, Success)
        for number in (0, 1):
            self._import(number, frozenset({(0, "posted")}))

    @rule(number=st.sampled_from((0, 1)), stages=st.sets(st.sampled_from(STAGES), min_size=1))
    def import_file(self, number: int, stages: set[tuple[int, str]]) -> None:
        # A bank reports one state of a transaction at a time.
        self._import(number, frozenset(dict(sorted(stages)).items()))

    def _import(self, number: int, file: File) -> None:
        rows = [TRANSACTIONS[each].rows(pending=stage == PENDING) for each, stage in sorted(file)]
        content = ofx(statement(*rows, number=NUMBERS[number], balance=""))
        done = async_to_sync(container.use(ImportPipeline))(
            ImportRequest(user_id=self.user_id, file_name="march.ofx", content=content)
        )
        assert isinstance(done, Success)
        (outcome,) = done.value.statements
        if outcome.account_id not in self.ids:
            self.ids.append(outcome.account_id)
        place = 0 if self.merge_id else number
        assert outcome.account_id == self.ids[place]
        self.files[place][done.value.id] = file

    @precondition(lambda self: any(self.files))
    @rule(data=st.data())
    def undo_import(self, data: st.DataObject) -> None:
        files = data.draw(st.sampled_from([each for each in self.files if each]))
        import_id = data.draw(st.sampled_from(sorted(files)))
        done = async_to_sync(container.use(UndoImport))(import_id=import_id, user_id=self.user_id)
        assert isinstance(done, Success)
        del files[import_id]

    @rule(place=st.sampled_from((0, 1)), data=st.data())
    def delete_and_restore(self, place: int, data: st.DataObject) -> None:
        for row in self._drawn(place, data):
            ids: Any = {"transaction_id": row.id, "user_id": self.user_id}
            assert async_to_sync(container.use(DeleteTransaction))(**ids) == Success(None)
            assert isinstance(async_to_sync(container.use(RestoreTransaction))(**ids), Success)

    @rule(place=st.sampled_from((0, 1)), data=st.data(), note=st.sampled_from(("gift", "")))
    def annotate(self, place: int, data: st.DataObject, note: str) -> None:
        for row in self._drawn(place, data):
            half = row.amount.amount / 2
            done = async_to_sync(container.use(EditTransaction))(
                transaction_id=row.id,
                user_id=self.user_id,
                note=note,
                splits=(Split(amount=half), Split(amount=half)),
            )
            assert isinstance(done, Success)
            self.notes[row.id] = note

    def _drawn(self, place: int, data: st.DataObject) -> list[ListedTransaction]:
        """Return one transaction of an account, if it has any."""
        rows = self._listed(self.ids[place]) if self.files[place] else []
        return [data.draw(st.sampled_from(rows))] if rows else []

    @rule()
    def apply_rules(self) -> None:
        done = async_to_sync(container.use(ApplyRules))(user_id=self.user_id)
        assert isinstance(done, Success)
        self.applications.append(done.value.id)
        for account_id in self.ids:
            assert {row.payee_name for row in self._listed(account_id)} <= {SHOP}

    @precondition(lambda self: self.applications)
    @rule(data=st.data())
    def undo_rules(self, data: st.DataObject) -> None:
        application_id = data.draw(st.sampled_from(self.applications))
        self.applications.remove(application_id)
        done = async_to_sync(container.use(UndoRuleApplication))(
            rule_application_id=application_id, user_id=self.user_id
        )
        assert isinstance(done, Success)

    @rule()
    def preview(self) -> None:
        act = container.use(MergeAccounts).preview
        shown = async_to_sync(act)(
            account_id=self.ids[0], merged_id=self.ids[1], user_id=self.user_id
        )
        assert isinstance(shown, Failure if self.merge_id else Success)

    @precondition(lambda self: self.merge_id is None)
    @rule()
    def merge(self) -> None:
        done = async_to_sync(container.use(MergeAccounts))(
            account_id=self.ids[0], merged_id=self.ids[1], user_id=self.user_id
        )
        assert isinstance(done, Success)
        first, second = self.files
        assert list(done.value.imports) == sorted(second)
        self.merge_id = done.value.id
        self.merged = {done.value.imports[each]: file for each, file in second.items()}
        self.files = ({**first, **self.merged}, {})

    @precondition(lambda self: self.merge_id)
    @rule()
    def undo_merge(self) -> None:
        assert self.merge_id
        done = async_to_sync(container.use(UndoMerge))(merge_id=self.merge_id, user_id=self.user_id)
        assert isinstance(done, Success)
        self.merge_id = None
        all_files, _ = self.files
        returned = [file for each, file in sorted(self.merged.items()) if each in all_files]
        second = sorted(async_to_sync(self._imports)(self.ids[1]))
        self.files = (
            {each: file for each, file in all_files.items() if each not in self.merged},
            dict(zip(second, returned, strict=True)),
        )

    @invariant()
    def accounts_have_what_their_files_say(self) -> None:
        for place, account_id in enumerate(getattr(self, "ids", ())):
            stated = dict(sorted(each for file in self.files[place].values() for each in file))
            expected = sorted(
                (TRANSACTIONS[number].amount, stage)
                for number, stage in stated.items()
                for _ in range(TRANSACTIONS[number].count)
            )
            found = [
                (f"{float(row.amount.amount):.2f}", str(row.status))
                for row in self._listed(account_id)
            ]
            assert sorted(found) == expected

    @invariant()
    def what_the_owner_said_stays(self) -> None:
        """As long as a transaction is there, wherever it is; its parts are the whole."""
        for account_id in getattr(self, "ids", ()):
            for row in self._listed(account_id):
                assert row.payee_name in ("", SHOP)
                assert set(row.tags) <= {"shop"}
                assert self.notes.get(row.id) in (None, row.note, "")
                assert not row.splits or sum(e.amount for e in row.splits) == row.amount.amount

    def _listed(self, account_id: AccountId) -> list[ListedTransaction]:
        async def page() -> list[ListedTransaction]:
            async with container.ports.unit_of_work(owner=self.user_id):
                found = await container.ports.transactions.page(
                    account_id, owner=self.user_id, where=TransactionFilter(), after=None, limit=100
                )
            assert isinstance(found, Success)
            return list(found.value.items)

        return async_to_sync(page)()

    async def _imports(self, account_id: AccountId) -> list[ImportId]:
        async with container.ports.unit_of_work(owner=self.user_id):
            found = await container.ports.imports.page(owner=self.user_id, after=None, limit=100)
        assert isinstance(found, Success)
        return [e.id for e in found.value if e.undone_at is None and account_id in e.accounts]


_begun: list[int] = []
