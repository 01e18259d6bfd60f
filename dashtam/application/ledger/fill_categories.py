"""Give imported transactions the categories, splits and tags that their files state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.ledger.allocations import NO_CATEGORIES, CategoryChoice, StatedAllocation
from domain.ledger.categories import MAX_CATEGORIES, Category, key_of, names_of
from domain.ledger.ports import CategoryRepository
from domain.ledger.values import Statement
from domain.shared.errors import Unavailable
from domain.shared.ids import CategoryId, ImportId, UserId, new_id
from domain.shared.result import Failure, Result, Success

#: Categories of a user, by the id of the parent and the name.
Known = dict[tuple[CategoryId | None, str], Category]


@dataclass(frozen=True, slots=True, kw_only=True)
class FillCategories:
    """Finds the categories that files name, adds those that are missing, and gives them.

    Where a user has as many as allowed, others are left out: no import fails for them.
    """

    categories: CategoryRepository

    async def of_statement(
        self, statement: Statement, *, owner: UserId
    ) -> Result[Mapping[str, CategoryChoice], Unavailable]:
        """Return the categories by what its rows call them, in the caller's unit of work."""
        named = _named(statement)
        if not named:
            return Success(NO_CATEGORIES)
        listed = await self.categories.lock_all(owner=owner)
        if isinstance(listed, Failure):
            return listed
        known: Known = {(each.parent_id, each.key): each for each in listed.value}
        found: dict[str, CategoryChoice] = {}
        for text in sorted(named):
            category = await self._resolve(named[text], known, owner)
            if isinstance(category, Failure):
                return category
            if category.value:
                found[text] = CategoryChoice(category.value.id, category.value.path)
        return Success(found)

    async def _resolve(
        self, names: Sequence[str], known: Known, owner: UserId
    ) -> Result[Category | None, Unavailable]:
        category: Category | None = None
        for name in names:
            parent = category
            category = known.get((parent.id if parent else None, key_of(name)))
            if category is None and len(known) < MAX_CATEGORIES:
                added = await self._add(name, parent, owner)
                if isinstance(added, Failure):
                    return added
                category = added.value
                known[category.parent_id, category.key] = category
            if category is None:
                break
        return Success(category)

    async def _add(
        self, name: str, parent: Category | None, owner: UserId
    ) -> Result[Category, Unavailable]:
        made = Category.create(name, parent, id=CategoryId(new_id()), user_id=owner)
        # `names_of` makes valid names only.
        assert isinstance(made, Success)
        added = await self.categories.add(made.value)
        if isinstance(added, Success):
            return made
        if isinstance(added.error, Unavailable):
            return Failure(added.error)
        return await self._added_meanwhile(made.value)

    async def _added_meanwhile(self, category: Category) -> Result[Category, Unavailable]:
        listed = await self.categories.lock_all(owner=category.user_id)
        if isinstance(listed, Failure):
            return listed
        place = (category.parent_id, category.key)
        return Success(next(e for e in listed.value if (e.parent_id, e.key) == place))

    async def record_stated(
        self, import_id: ImportId, stated: Sequence[StatedAllocation], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Give them to transactions of which the owner has said nothing."""
        if not stated:
            return Success(None)
        return await self.categories.record_stated(import_id, stated, owner=owner)


def _named(statement: Statement) -> dict[str, tuple[str, ...]]:
    """Return the names of the categories of rows and their parts, by what the file calls them."""
    texts = {row.category for row in statement.rows}
    texts |= {part.category for row in statement.rows for part in row.splits}
    return {text: names for text in texts if (names := names_of(text))}
