"""List, add, change and delete categories."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.locking import lock_accounts
from dashtam.application.query import audited_query, count
from dashtam.application.use_case import UseCase
from domain.ledger.actions import (
    CATEGORIES_VIEWED,
    CATEGORY_ADDED,
    CATEGORY_CHANGED,
    CATEGORY_DELETED,
    CATEGORY_VIEWED,
)
from domain.ledger.categories import MAX_CATEGORIES, Category, CategoryMove
from domain.ledger.errors import (
    CategoryExists,
    CategoryHasChildren,
    CategoryNotFound,
    InvalidCategory,
    TooManyCategories,
)
from domain.ledger.ports import AccountRepository, CategoryRepository
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import CategoryId, UserId, new_id
from domain.shared.result import Failure, Result, Success

AddCategoryError = (
    InvalidCategory | CategoryNotFound | CategoryExists | TooManyCategories | Unavailable
)
ChangeCategoryError = InvalidCategory | CategoryNotFound | CategoryExists | Unavailable
DeleteCategoryError = InvalidCategory | CategoryNotFound | CategoryHasChildren | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCategories(UseCase):
    """List a user's categories, each after its parent: there are never very many."""

    categories: CategoryRepository

    @audited_query("categories.view", CATEGORIES_VIEWED, count)
    async def __call__(self, *, user_id: UserId) -> Result[Sequence[Category], Unavailable]:
        return await self.categories.all(owner=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCategory(UseCase):
    """Show one category."""

    categories: CategoryRepository

    @audited_query("category.view", CATEGORY_VIEWED)
    async def __call__(
        self, *, category_id: CategoryId, user_id: UserId
    ) -> Result[Category, CategoryNotFound | Unavailable]:
        return await self.categories.get(category_id, owner=user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCategory(UseCase):
    """Add a category, below another one or not."""

    categories: CategoryRepository

    @audit_failures("category.add", ResourceType.CATEGORY)
    @retry_on_conflict
    async def __call__(
        self, *, user_id: UserId, name: str, parent_id: CategoryId | None = None
    ) -> Result[Category, AddCategoryError]:
        async with self.unit_of_work(owner=user_id) as uow:
            parent = await _parent(self.categories, parent_id, user_id)
            if isinstance(parent, Failure):
                return parent
            others = await self.categories.all(owner=user_id)
            if isinstance(others, Failure):
                return others
            if len(others.value) >= MAX_CATEGORIES:
                text = f"You may have at most {MAX_CATEGORIES} categories. Delete one first."
                return Failure(TooManyCategories(text))
            added = Category.create(name, parent.value, id=CategoryId(new_id()), user_id=user_id)
            if isinstance(added, Failure):
                return added
            stored = await self.categories.add(added.value)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(
                CATEGORY_ADDED.record(
                    subject_id=added.value.id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                )
            )
        return added


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCategory(UseCase):
    """Rename or move a category: its transactions, and those below it, show the new path."""

    accounts: AccountRepository
    categories: CategoryRepository

    @audit_failures("category.change", ResourceType.CATEGORY)
    @retry_on_conflict
    async def __call__(
        self,
        *,
        category_id: CategoryId,
        user_id: UserId,
        name: str | None = None,
        move: CategoryMove | None = None,
    ) -> Result[Category, ChangeCategoryError]:
        async with self.unit_of_work(owner=user_id) as uow:
            locked = await lock_accounts(self.accounts, user_id)
            if isinstance(locked, Failure):
                return locked
            changed = await self._changed(category_id, user_id, name, move)
            if isinstance(changed, Failure):
                return changed
            stored = await self.categories.change(changed.value)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(
                CATEGORY_CHANGED.record(
                    subject_id=category_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    transactions=stored.value,
                )
            )
        return changed

    async def _changed(
        self, category_id: CategoryId, owner: UserId, name: str | None, move: CategoryMove | None
    ) -> Result[Category, ChangeCategoryError]:
        parent = await _parent(self.categories, move.parent_id if move else None, owner)
        if isinstance(parent, Failure):
            return parent
        found = await self.categories.lock(category_id, owner=owner)
        if isinstance(found, Failure):
            return found
        renamed = found if name is None else found.value.rename(name)
        if isinstance(renamed, Failure) or move is None:
            return renamed
        children = await _has_children(self.categories, found.value)
        if isinstance(children, Failure):
            return children
        return renamed.value.move(parent.value, has_children=children.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCategory(UseCase):
    """Delete a category: its transactions have another one then, or none."""

    accounts: AccountRepository
    categories: CategoryRepository

    @audit_failures("category.delete", ResourceType.CATEGORY)
    @retry_on_conflict
    async def __call__(
        self, *, category_id: CategoryId, user_id: UserId, into_id: CategoryId | None = None
    ) -> Result[None, DeleteCategoryError]:
        if into_id == category_id:
            return Failure(InvalidCategory("Choose another category for its transactions."))
        async with self.unit_of_work(owner=user_id) as uow:
            locked = await lock_accounts(self.accounts, user_id)
            if isinstance(locked, Failure):
                return locked
            into = await _parent(self.categories, into_id, user_id)
            if isinstance(into, Failure):
                return into
            found = await self._locked(category_id, user_id)
            if isinstance(found, Failure):
                return found
            deleted = await self.categories.delete(found.value, into=into.value)
            if isinstance(deleted, Failure):
                return deleted
            await uow.commit(
                CATEGORY_DELETED.record(
                    subject_id=category_id,
                    actor=Actor.user(user_id),
                    occurred_at=self.clock.now(),
                    into_id=into_id,
                    transactions=deleted.value,
                )
            )
        return Success(None)

    async def _locked(
        self, category_id: CategoryId, owner: UserId
    ) -> Result[Category, DeleteCategoryError]:
        found = await self.categories.lock(category_id, owner=owner)
        if isinstance(found, Failure):
            return found
        children = await _has_children(self.categories, found.value)
        if isinstance(children, Failure):
            return children
        if children.value:
            text = "There are categories below this one. Move or delete them first."
            return Failure(CategoryHasChildren(text))
        return found


async def _parent(
    categories: CategoryRepository, category_id: CategoryId | None, owner: UserId
) -> Result[Category | None, CategoryNotFound | Unavailable]:
    """Return another category that is to be used; lock it so that it stays what it is."""
    if category_id is None:
        return Success(None)
    return await categories.lock(category_id, owner=owner, shared=True)


async def _has_children(
    categories: CategoryRepository, category: Category
) -> Result[bool, Unavailable]:
    others = await categories.all(owner=category.user_id)
    if isinstance(others, Failure):
        return others
    return Success(any(each.parent_id == category.id for each in others.value))
