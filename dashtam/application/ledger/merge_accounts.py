"""Merge two accounts that are one, show what that would do, and undo it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.read_statement import ParsedFile
from dashtam.application.ledger.repeat_imports import RepeatError, RepeatImports
from dashtam.application.query import audited_query, count_items
from dashtam.application.use_case import UseCase
from domain.ledger.actions import ACCOUNT_MERGE_VIEWED, ACCOUNT_MERGES_VIEWED
from domain.ledger.entities import Account
from domain.ledger.errors import AccountNotFound
from domain.ledger.import_filter import ImportFilter
from domain.ledger.imports import ImportStatus, StatementImport
from domain.ledger.merges import (
    MOST_IMPORTS,
    AccountMerge,
    AccountsNotMergeable,
    MergedRows,
    MergeIsUndone,
    MergeNotFound,
    refuse_merge,
)
from domain.ledger.ports import (
    AccountRepository,
    EntriesByHand,
    ImportRepository,
    MergeRepository,
)
from domain.shared.errors import ConcurrencyConflict, Unavailable
from domain.shared.events import DomainEvent, ResourceType
from domain.shared.ids import AccountId, ImportId, MergeId, UserId, new_id
from domain.shared.pages import IdPage
from domain.shared.result import Failure, Result, Success

MergeError = AccountNotFound | AccountsNotMergeable | RepeatError
UndoMergeError = MergeNotFound | MergeIsUndone | AccountsNotMergeable | RepeatError
Merged = tuple[AccountMerge, list[DomainEvent]]
_TWO_OPENINGS = (
    "Both accounts have an opening balance that was written by hand. Remove one of them first."
)
_IS_GONE = (
    "The account that it was merged into is gone. If that was merged into another one, undo that"
    " merge first."
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The two accounts, and the imports of the merged one with their files, oldest first."""

    account: Account
    merged: Account
    imports: Sequence[StatementImport]
    files: Sequence[ParsedFile]

    @property
    def owner(self) -> UserId:
        return self.account.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAccounts(UseCase):
    """Merge an account into another one, as if its files had always been of that one.

    Its imports are undone and made again into the other account, which has its transactions and
    aliases from then on. Transactions that the other account has already are found, as ever.
    """

    accounts: AccountRepository
    entries_by_hand: EntriesByHand
    imports: ImportRepository
    merges: MergeRepository
    repeat_imports: RepeatImports

    @audit_failures("accounts.merge", ResourceType.ACCOUNT)
    @retry_on_conflict
    async def __call__(
        self, *, account_id: AccountId, merged_id: AccountId, user_id: UserId
    ) -> Result[AccountMerge, MergeError]:
        plan = await self._plan(account_id, merged_id, user_id)
        if isinstance(plan, Failure):
            return plan
        async with self.unit_of_work(owner=user_id) as uow:
            done = await self._merge(plan.value)
            if isinstance(done, Failure):
                return done
            merge, events = done.value
            added = await self.merges.add(merge)
            if isinstance(added, Failure):
                return added
            await uow.commit(merge.done(), *events)
        return Success(merge)

    @audit_failures("account_merge.preview", ResourceType.ACCOUNT)
    @retry_on_conflict
    async def preview(
        self, *, account_id: AccountId, merged_id: AccountId, user_id: UserId
    ) -> Result[AccountMerge, MergeError]:
        """Return what a merge would do; only an audit entry is stored."""
        plan = await self._plan(account_id, merged_id, user_id)
        if isinstance(plan, Failure):
            return plan
        async with self.unit_of_work(owner=user_id):
            done = await self._merge(plan.value)
        if isinstance(done, Failure):
            return done
        merge, _ = done.value
        async with self.unit_of_work(owner=user_id) as uow:
            await uow.commit(merge.previewed())
        return Success(merge)

    async def _plan(
        self, account_id: AccountId, merged_id: AccountId, user_id: UserId
    ) -> Result[_Plan, MergeError]:
        """Find both accounts, and read the files of the one that is merged."""
        async with self.unit_of_work(owner=user_id):
            found = await self._find(account_id, merged_id, user_id)
        if isinstance(found, Failure):
            return found
        account, merged, imports = found.value
        refused = refuse_merge(account, merged, imports)
        if refused:
            return Failure(refused)
        files = await self.repeat_imports.read(imports, of=merged_id, into=account)
        if isinstance(files, Failure):
            return files
        return Success(_Plan(account, merged, imports, files.value))

    async def _find(
        self, account_id: AccountId, merged_id: AccountId, owner: UserId
    ) -> Result[tuple[Account, Account, list[StatementImport]], AccountNotFound | Unavailable]:
        account = await self.accounts.get(account_id, owner=owner)
        if isinstance(account, Failure):
            return account
        merged = await self.accounts.get(merged_id, owner=owner)
        if isinstance(merged, Failure):
            return merged
        imports = await self._imports(merged_id, owner)
        if isinstance(imports, Failure):
            return imports
        return Success((account.value, merged.value, imports.value))

    async def _imports(
        self, account_id: AccountId, owner: UserId
    ) -> Result[list[StatementImport], Unavailable]:
        """Return the active imports of an account, oldest first, and one more than may be."""
        where = ImportFilter(account_id=account_id, status=ImportStatus.DONE, by_hand=True)
        most = MOST_IMPORTS + 1
        found = await self.imports.page(owner=owner, after=None, limit=most, where=where)
        if isinstance(found, Failure):
            return found
        return Success(sorted(found.value, key=attrgetter("id")))

    async def _merge(self, plan: _Plan) -> Result[Merged, MergeError]:
        """Undo the imports, move what is left of the account, and make the imports again."""
        locked = await self._lock(plan)
        if isinstance(locked, Failure):
            return locked
        withdrawn = await self.repeat_imports.withdraw(locked.value)
        if isinstance(withdrawn, Failure):
            return withdrawn
        moved = await self.merges.move(plan.merged, plan.account)
        if isinstance(moved, Failure):
            return moved
        entered = await self.repeat_imports.enter(plan.files)
        if isinstance(entered, Failure):
            return entered
        done, events = entered.value
        imports = {was.id: now.id for was, now in zip(plan.imports, done, strict=True)}
        followed = await self.merges.follow(imports, owner=plan.owner)
        if isinstance(followed, Failure):
            return followed
        annotated = await self.merges.annotate(imports, moved.value, owner=plan.owner)
        if isinstance(annotated, Failure):
            return annotated
        merge = AccountMerge(
            id=MergeId(new_id()),
            user_id=plan.owner,
            account_id=plan.account.id,
            merged=plan.merged,
            merged_at=self.clock.now(),
            imports=imports,
            rows=MergedRows.of(zip(plan.imports, done, strict=True), plan.merged.id),
            moved=replace(moved.value, annotated=annotated.value),
        )
        return Success((merge, [*withdrawn.value, *events]))

    async def _lock(
        self, plan: _Plan
    ) -> Result[list[StatementImport], AccountsNotMergeable | RepeatError]:
        """Lock the imports and all accounts; if they have changed meanwhile, start again."""
        both = {plan.account.id, plan.merged.id}
        planned = list(map(_id, plan.imports))
        locked = await self.repeat_imports.lock(planned, both, plan.owner)
        if isinstance(locked, Failure):
            return locked
        now = await self._imports(plan.merged.id, plan.owner)
        if isinstance(now, Failure):
            return now
        if list(map(_id, now.value)) != planned:
            raise ConcurrencyConflict("an import was made or undone meanwhile")
        refused = await self._refuse_openings(plan)
        return refused if isinstance(refused, Failure) else locked

    async def _refuse_openings(
        self, plan: _Plan
    ) -> Result[None, AccountsNotMergeable | Unavailable]:
        """Refuse that an account gets two opening balances."""
        for each in (plan.account, plan.merged):
            opening = await self.entries_by_hand.opening_balance(each.id, owner=plan.owner)
            if isinstance(opening, Failure):
                return opening
            if opening.value is None:
                return Success(None)
        return Failure(AccountsNotMergeable(_TWO_OPENINGS))


def _id(of: StatementImport) -> ImportId:
    return of.id


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMerge(UseCase):
    """Undo a merge: its imports are undone, and made again into the account that they were of.

    An import that was undone since stays undone, and what was imported since stays where it is.
    """

    accounts: AccountRepository
    imports: ImportRepository
    merges: MergeRepository
    repeat_imports: RepeatImports

    @audit_failures("account_merge.undo", ResourceType.ACCOUNT)
    @retry_on_conflict
    async def __call__(
        self, *, merge_id: MergeId, user_id: UserId
    ) -> Result[AccountMerge, UndoMergeError]:
        async with self.unit_of_work(owner=user_id):
            found = await self._find(merge_id, user_id)
        if isinstance(found, Failure):
            return found
        merge, imports = found.value
        files = await self.repeat_imports.read(imports, of=merge.account_id, into=merge.merged)
        if isinstance(files, Failure):
            return files
        async with self.unit_of_work(owner=user_id) as uow:
            events = await self._undo(merge, imports, files.value)
            if isinstance(events, Failure):
                return events
            undone, record = merge.undo(at=self.clock.now())
            marked = await self.merges.mark_undone(undone)
            if isinstance(marked, Failure):
                return marked
            await uow.commit(record, *events.value)
        return Success(undone)

    async def _find(
        self, merge_id: MergeId, owner: UserId
    ) -> Result[tuple[AccountMerge, list[StatementImport]], UndoMergeError]:
        """Return the merge, and those of its imports that were not undone."""
        found = await self.merges.get(merge_id, owner=owner)
        if isinstance(found, Failure):
            return found
        merge = found.value
        if merge.undone_at:
            return Failure(MergeIsUndone("The merge has already been undone."))
        account = await self.accounts.get(merge.account_id, owner=owner)
        if isinstance(account, Failure):
            missing = isinstance(account.error, AccountNotFound)
            return Failure(AccountsNotMergeable(_IS_GONE)) if missing else account
        imports: list[StatementImport] = []
        for each in dict.fromkeys(merge.imports.values()):
            made = await self.imports.get(each, owner=owner)
            if isinstance(made, Failure):
                return made
            if made.value.undone_at is None:
                imports.append(made.value)
        return Success((merge, imports))

    async def _undo(
        self, merge: AccountMerge, imports: Sequence[StatementImport], files: Sequence[ParsedFile]
    ) -> Result[list[DomainEvent], UndoMergeError]:
        owner = merge.user_id
        ids = list(map(_id, imports))
        locked = await self.repeat_imports.lock(ids, {merge.account_id}, owner)
        if isinstance(locked, Failure):
            return locked
        withdrawn = await self.repeat_imports.withdraw(locked.value)
        if isinstance(withdrawn, Failure):
            return withdrawn
        moved = await self.merges.move_back(merge)
        if isinstance(moved, Failure):
            return moved
        entered = await self.repeat_imports.enter(files)
        if isinstance(entered, Failure):
            return entered
        done, events = entered.value
        again = dict(zip(ids, map(_id, done), strict=True))
        followed = await self.merges.follow(again, owner=owner)
        if isinstance(followed, Failure):
            return followed
        return Success([*withdrawn.value, *events])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMerges(UseCase):
    """List a page of a user's merges, latest first."""

    merges: MergeRepository

    @audited_query("account_merges.view", ACCOUNT_MERGES_VIEWED, count_items)
    async def __call__(
        self, *, user_id: UserId, after: MergeId | None, limit: int
    ) -> Result[IdPage[AccountMerge], Unavailable]:
        found = await self.merges.page(owner=user_id, after=after, limit=limit + 1)
        return found if isinstance(found, Failure) else Success(IdPage.of(found.value, limit))


def _which(merge: AccountMerge) -> Mapping[str, object]:
    return {"merge_id": merge.id}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowMerge(UseCase):
    """Show one merge."""

    merges: MergeRepository

    @audited_query("account_merge.view", ACCOUNT_MERGE_VIEWED, _which)
    async def __call__(
        self, *, merge_id: MergeId, user_id: UserId
    ) -> Result[AccountMerge, MergeNotFound | Unavailable]:
        return await self.merges.get(merge_id, owner=user_id)
