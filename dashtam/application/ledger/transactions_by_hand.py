"""Transactions that users write by hand: each is an import of one row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.check_annotation import AnnotationError, CheckAnnotation
from dashtam.application.ledger.import_pipeline import ImportPipeline, PipelineError
from dashtam.application.ledger.locking import lock_account, lock_transaction
from dashtam.application.ledger.progress import NO_PROGRESS
from dashtam.application.ledger.read_statement import ParsedFile
from dashtam.application.ledger.undo_import import WithdrawImport
from dashtam.application.use_case import UseCase
from domain.ledger.allocations import UNANNOTATED, Annotation
from domain.ledger.by_hand import Document, Entry, OpeningBalance, entry_id_of, existing, unnamed
from domain.ledger.categories import check_splits
from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import (
    ImportIsRunning,
    ImportIsUndone,
    ImportNotFound,
    InvalidSplits,
    NotWrittenByHand,
    TransactionNotFound,
)
from domain.ledger.events import TransactionAdded
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.matches import ExistingTransaction
from domain.ledger.ports import (
    AccountRepository,
    EntriesByHand,
    ImportRepository,
    MergeRepository,
    TransactionRepository,
)
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, DomainEvent, ResourceType
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId, new_id
from domain.shared.result import Failure, Result, Success

ReplaceError = ImportNotFound | ImportIsRunning | ImportIsUndone | Unavailable
ReviseError = TransactionNotFound | NotWrittenByHand | PipelineError | ReplaceError
AddError = TransactionNotFound | ImportNotFound | PipelineError | AnnotationError
Entered = tuple[StatementImport, list[DomainEvent]]


@dataclass(frozen=True, slots=True)
class AddedTransaction:
    """A transaction, and how many others of the account it may be in other words."""

    transaction: Transaction
    suggested: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterByHand:
    """Imports what a user writes, in the unit of work of the caller, who commits its events."""

    import_pipeline: ImportPipeline
    imports: ImportRepository
    withdraw_import: WithdrawImport

    async def __call__(
        self,
        content: Entry | OpeningBalance,
        account: Account,
        revises: Transaction | None = None,
    ) -> Result[Entered, PipelineError]:
        """Import it as a document; what it revises remains the same transaction."""
        known = revises and entry_id_of(revises.provider_id)
        document = Document(id=known or new_id(), currency=account.currency, content=content)
        prepared = _parsed(document, account, existing(revises) if revises else None)
        store = partial(self.import_pipeline.store_file, content=prepared.request.content)
        import_id = ImportId(new_id())
        return await self.import_pipeline.enter(prepared, import_id, store, NO_PROGRESS)

    async def undo(
        self, import_id: ImportId, owner: UserId
    ) -> Result[list[DomainEvent], ReplaceError]:
        """Undo what was written before, of which something else is written now."""
        found = await self.imports.lock(import_id, owner=owner)
        if isinstance(found, Failure):
            return found
        return await self.withdraw_import(found.value)


def _parsed(
    document: Document, account: Account, revises: ExistingTransaction | None
) -> ParsedFile:
    request = ImportRequest(
        user_id=account.user_id,
        file_name="",
        content=document.encode(),
        account_id=account.id,
    )
    file = document.file(unnamed(account))
    return ParsedFile(request=request, file=file, account=account, revises=revises)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTransaction(UseCase):
    """Add a transaction that its user writes by hand.

    One that the account has already in other words is suggested as a match, never taken for it.
    """

    accounts: AccountRepository
    imports: ImportRepository
    transactions: TransactionRepository
    enter_by_hand: EnterByHand
    check_annotation: CheckAnnotation

    @audit_failures("transaction.add", ResourceType.ACCOUNT)
    @retry_on_conflict
    async def __call__(
        self,
        entry: Entry,
        *,
        account_id: AccountId,
        user_id: UserId,
        annotation: Annotation = UNANNOTATED,
    ) -> Result[AddedTransaction, AddError]:
        async with self.unit_of_work(owner=user_id) as uow:
            # The account before the category, as those who import rows with categories do.
            account = await lock_account(self.accounts, account_id, user_id)
            if isinstance(account, Failure):
                return account
            said = await self.check_annotation(annotation, owner=user_id)
            if isinstance(said, Failure):
                return said
            entered = await self.enter_by_hand(entry, account.value)
            if isinstance(entered, Failure):
                return entered
            done, events = entered.value
            found = await self._annotated(done, said.value)
            if isinstance(found, Failure):
                return found
            added = TransactionAdded(
                subject_id=found.value.id,
                actor=Actor.user(user_id),
                occurred_at=self.clock.now(),
            )
            await uow.commit(added, *events)
        return Success(AddedTransaction(found.value, done.suggested))

    async def _annotated(
        self, done: StatementImport, said: Annotation
    ) -> Result[Transaction, TransactionNotFound | InvalidSplits | Unavailable]:
        """Return the transaction of an import, with what its user says of it."""
        rows = await self.imports.rows(done.id, owner=done.user_id, after=None, limit=1)
        if isinstance(rows, Failure):
            return rows
        (row,) = rows.value.items
        found = await self.transactions.get(row.transaction_id, owner=done.user_id)
        if isinstance(found, Failure) or said.says_nothing:
            return found
        fits = check_splits(said.splits or (), found.value.amount)
        if isinstance(fits, Failure):
            return fits
        noted, _ = found.value.edit(**said.said, at=self.clock.now())
        stored = await self.transactions.edit(noted)
        return stored if isinstance(stored, Failure) else Success(noted)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseTransaction(UseCase):
    """Change day, amount and texts of a transaction that its user wrote by hand.

    What a bank states stays as the bank states it.
    """

    accounts: AccountRepository
    entries_by_hand: EntriesByHand
    merges: MergeRepository
    transactions: TransactionRepository
    enter_by_hand: EnterByHand
    check_annotation: CheckAnnotation

    @audit_failures("transaction.revise", ResourceType.TRANSACTION)
    @retry_on_conflict
    async def __call__(
        self,
        changes: Mapping[str, Any],
        *,
        transaction_id: TransactionId,
        user_id: UserId,
        annotation: Annotation = UNANNOTATED,
    ) -> Result[Transaction, ReviseError | AnnotationError]:
        async with self.unit_of_work(owner=user_id) as uow:
            found = await self._locked(transaction_id, user_id)
            if isinstance(found, Failure):
                return found
            account, former = found.value
            said = await self.check_annotation(annotation, owner=user_id)
            if isinstance(said, Failure):
                return said
            replaced = await self._replace(former, changes, account)
            if isinstance(replaced, Failure):
                return replaced
            revised, events = replaced.value
            fits = check_splits(said.value.splits or (), revised.amount)
            if isinstance(fits, Failure):
                return fits
            edited, event = revised.edit(**said.value.said, at=self.clock.now())
            stored = await self.transactions.edit(edited)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(replace(event, fields=(*changes, *event.fields)), *events)
        return Success(edited)

    async def _replace(
        self, former: Transaction, changes: Mapping[str, Any], account: Account
    ) -> Result[tuple[Transaction, list[DomainEvent]], ReviseError]:
        """Enter what is stated now, and undo what was stated before."""
        sources = await self._sources(former)
        if isinstance(sources, Failure):
            return sources
        entry = Entry.of(former).changed(changes)
        entered = await self.enter_by_hand(entry, account, revises=former)
        if isinstance(entered, Failure):
            return entered
        undone = await self._undo_all(sources.value, former.user_id)
        if isinstance(undone, Failure):
            return undone
        now = dict.fromkeys(sources.value, entered.value[0].id)
        followed = await self.merges.follow(now, owner=former.user_id)
        if isinstance(followed, Failure):
            return followed
        revised = await self.transactions.get(former.id, owner=former.user_id)
        if isinstance(revised, Failure):
            return revised
        return Success((revised.value, [*entered.value[1], *undone.value]))

    async def _undo_all(
        self, sources: Sequence[ImportId], owner: UserId
    ) -> Result[list[DomainEvent], ReplaceError]:
        events: list[DomainEvent] = []
        for each in sources:
            undone = await self.enter_by_hand.undo(each, owner)
            if isinstance(undone, Failure):
                return undone
            events += undone.value
        return Success(events)

    async def _sources(
        self, transaction: Transaction
    ) -> Result[list[ImportId], NotWrittenByHand | Unavailable]:
        """Return the imports that state a transaction, if all of them were written by hand."""
        stating = await self.entries_by_hand.stating(transaction.id, owner=transaction.user_id)
        if isinstance(stating, Failure):
            return stating
        if not stating.value or not all(stating.value.values()):
            detail = (
                "A bank states this transaction: only its note, category and tags can be changed."
            )
            return Failure(NotWrittenByHand(detail))
        return Success(list(stating.value))

    async def _locked(
        self, transaction_id: TransactionId, user_id: UserId
    ) -> Result[tuple[Account, Transaction], ReviseError]:
        """Lock a transaction, and return it with its account."""
        locked = await lock_transaction(self.accounts, self.transactions, transaction_id, user_id)
        if isinstance(locked, Failure):
            return locked
        account = await self.accounts.get(locked.value.account_id, owner=user_id)
        if isinstance(account, Failure):
            return account
        return Success((account.value, locked.value))
