"""The port for categories. All rows are of one owner."""

from collections.abc import Sequence
from typing import Protocol

from domain.ledger.allocations import StatedAllocation
from domain.ledger.categories import Category
from domain.ledger.errors import CategoryExists, CategoryNotFound
from domain.shared.errors import Unavailable
from domain.shared.ids import CategoryId, ImportId, UserId
from domain.shared.result import Result


class CategoryRepository(Protocol):
    """The categories of users, and which transactions have them."""

    async def all(self, *, owner: UserId) -> Result[Sequence[Category], Unavailable]:
        """List a user's categories, each after its parent, by name."""

    async def get(
        self, category_id: CategoryId, *, owner: UserId
    ) -> Result[Category, CategoryNotFound | Unavailable]: ...

    async def lock(
        self, category_id: CategoryId, *, owner: UserId, shared: bool = False
    ) -> Result[Category, CategoryNotFound | Unavailable]:
        """Return a category, which nobody else changes until the unit of work ends.

        Several may share the lock to use the category; to change it, one locks it alone.
        """

    async def lock_all(self, *, owner: UserId) -> Result[Sequence[Category], Unavailable]:
        """List a user's categories as `all` does; nobody changes one until the work ends."""

    async def add(self, category: Category) -> Result[None, CategoryExists | Unavailable]: ...

    async def change(self, category: Category) -> Result[int, CategoryExists | Unavailable]:
        """Store name and parent; return how many transactions show another path now."""

    async def delete(
        self, category: Category, *, into: Category | None
    ) -> Result[int, Unavailable]:
        """Delete a category that has no children; return how many transactions had it.

        They have the other category now, or none, as if nobody had ever set one.
        """

    async def record_stated(
        self, import_id: ImportId, stated: Sequence[StatedAllocation], *, owner: UserId
    ) -> Result[None, Unavailable]:
        """Record which categories, splits and tags an import states of transactions.

        Those of which their owner has said nothing have what the first import states.
        """

    async def withdraw(self, import_id: ImportId, *, owner: UserId) -> Result[None, Unavailable]:
        """Let transactions have what the imports without this one state, as if it had not been."""
