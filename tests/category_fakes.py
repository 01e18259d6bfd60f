"""Categories in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from domain.ledger.allocations import CategorySource, Split, StatedAllocation
from domain.ledger.categories import Category
from domain.ledger.entities import Transaction
from domain.ledger.errors import CategoryExists, CategoryNotFound
from domain.ledger.tags import MAX_TAGS
from domain.ledger.values import Removal
from domain.shared.errors import Unavailable
from domain.shared.ids import CategoryId, ImportId, TransactionId, UserId
from domain.shared.result import Failure, Result, Success
from tests.fakes import Store, one, owned


class InMemoryCategoryRepository:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self, *, owner: UserId) -> Result[Sequence[Category], Unavailable]:
        mine = [self._named(e) for e in self._store.categories.values() if e.user_id == owner]
        keys = {each.id: each.key for each in mine}

        def order(category: Category) -> tuple[str, bool, str]:
            parent = category.parent_id
            return keys[parent] if parent else category.key, parent is not None, category.key

        return Success(sorted(mine, key=order))

    async def get(
        self, category_id: CategoryId, *, owner: UserId
    ) -> Result[Category, CategoryNotFound | Unavailable]:
        found = owned(self._store.categories.get(category_id), owner)
        return one(self._named(found) if found else None, CategoryNotFound())

    async def lock(
        self, category_id: CategoryId, *, owner: UserId, shared: bool = False
    ) -> Result[Category, CategoryNotFound | Unavailable]:
        return await self.get(category_id, owner=owner)

    async def lock_all(self, *, owner: UserId) -> Result[Sequence[Category], Unavailable]:
        return await self.all(owner=owner)

    async def add(self, category: Category) -> Result[None, CategoryExists | Unavailable]:
        return self._put(category)

    async def change(self, category: Category) -> Result[int, CategoryExists | Unavailable]:
        stored = self._put(category)
        if isinstance(stored, Failure):
            return stored

        def named(row: Transaction) -> Transaction:
            its = self._store.categories.get(row.category_id) if row.category_id else None
            splits = tuple(self._shown(split) for split in row.splits)
            return replace(
                row, category=self._named(its).path if its else row.category, splits=splits
            )

        return Success(self._update(category, named))

    async def delete(
        self, category: Category, *, into: Category | None
    ) -> Result[int, Unavailable]:
        if owned(self._store.categories.get(category.id), category.user_id):
            del self._store.categories[category.id]

        instead = into.id if into else None
        self._store.stated_categories = [
            (
                source,
                replace(
                    each,
                    category_id=instead if each.category_id == category.id else each.category_id,
                    splits=_moved_parts(each.splits, category, into),
                ),
            )
            for source, each in self._store.stated_categories
        ]
        self._replace_in_rules(category.id, instead)

        def moved(row: Transaction) -> Transaction:
            row = replace(row, splits=_moved_parts(row.splits, category, into))
            if row.category_id != category.id:
                return row
            source = row.category_source if into else None
            return replace(
                row,
                category=into.path if into else "",
                category_id=into.id if into else None,
                category_source=source,
            )

        return Success(self._update(category, moved))

    def _replace_in_rules(self, category_id: CategoryId, into: CategoryId | None) -> None:
        self._store.rules = {
            each.id: replace(each, category_id=into, version=each.version + 1)
            if each.category_id == category_id
            else each
            for each in self._store.rules.values()
        }
        self._store.rule_effects = [
            (of, replace(each, category_id=into) if each.category_id == category_id else each)
            for of, each in self._store.rule_effects
        ]

    async def record_stated(
        self, import_id: ImportId, stated: Sequence[StatedAllocation], *, owner: UserId
    ) -> Result[None, Unavailable]:
        more = [(import_id, each) for each in stated]
        self._store.stated_categories = [*self._store.stated_categories, *more]
        self._settle(import_id, owner, without=None)
        return Success(None)

    async def withdraw(self, import_id: ImportId, *, owner: UserId) -> Result[None, Unavailable]:
        self._settle(import_id, owner, without=import_id)
        return Success(None)

    def _settle(self, import_id: ImportId, owner: UserId, without: ImportId | None) -> None:
        # A list of one import is in the order of its rows.
        stated = sorted(self._store.stated_categories, key=lambda pair: pair[0])
        these = {each.transaction_id for _, each in stated}
        active = [each for source, each in stated if self._is_active(source, without)]
        said = {e.transaction_id: e for e in reversed(active) if e.category_id or e.splits}
        tagged = {e.transaction_id: tuple(e.tags) for e in reversed(active) if e.tags}
        for row in [self._store.transactions[each] for each in these]:
            if row.user_id == owner and row.removal is not Removal.DELETED:
                settled = self._allocated(row, said.get(row.id))
                stated_tags = tagged.get(row.id, ())
                ruled = self._ruled_tags(row.id)
                self._store.transactions[row.id] = _tagged(settled, stated_tags, ruled)

    def _ruled_tags(self, transaction_id: TransactionId) -> set[str]:
        applied = self._store.rule_applications
        return {
            tag
            for of, each in self._store.rule_effects
            if each.transaction_id == transaction_id and applied[of].undone_at is None
            for tag in each.tags
        }

    def _is_active(self, source: ImportId, without: ImportId | None) -> bool:
        done = self._store.imports.get(source)
        return source != without and not (done and done.undone_at)

    def _allocated(self, row: Transaction, stated: StatedAllocation | None) -> Transaction:
        if row.category_source in (CategorySource.OWNER, CategorySource.RULE):
            return row
        its = stated and stated.category_id and self._store.categories[stated.category_id]
        return replace(
            row,
            category=self._named(its).path if its else "",
            category_id=its.id if its else None,
            category_source=CategorySource.IMPORT if stated else None,
            splits=tuple(map(self._shown, stated.splits)) if stated else (),
        )

    def _shown(self, split: Split) -> Split:
        its = self._store.categories.get(split.category_id) if split.category_id else None
        return replace(split, category=self._named(its).path) if its else split

    def _update(self, category: Category, change: Callable[[Transaction], Transaction]) -> int:
        """Change the owner's transactions, and return how many are others now."""
        rows = self._store.transactions
        changed: dict[UUID, Transaction] = {
            row.id: new
            for row in rows.values()
            if row.user_id == category.user_id and (new := change(row)) != row
        }
        rows.update(changed)
        return len(changed)

    def _put(self, category: Category) -> Result[None, CategoryExists]:
        for each in self._store.categories.values():
            same = (each.user_id, each.parent_id, each.key)
            mine = (category.user_id, category.parent_id, category.key)
            if same == mine and each.id != category.id:
                return Failure(CategoryExists("There is already a category with this name here."))
        self._store.categories[category.id] = category
        return Success(None)

    def _named(self, category: Category) -> Category:
        parent = self._store.categories.get(category.parent_id) if category.parent_id else None
        return replace(category, parent_name=parent.name if parent else "")


def _tagged(row: Transaction, tags: tuple[str, ...], ruled: set[str]) -> Transaction:
    if row.tags_source is CategorySource.OWNER:
        return row
    source = CategorySource.IMPORT if tags else None
    return replace(row, tags=tuple(sorted({*tags, *ruled})[:MAX_TAGS]), tags_source=source)


def _moved_parts(
    splits: Sequence[Split], category: Category, into: Category | None
) -> tuple[Split, ...]:
    path, instead = (into.path, into.id) if into else ("", None)
    return tuple(
        replace(split, category=path, category_id=instead)
        if split.category_id == category.id
        else split
        for split in splits
    )
