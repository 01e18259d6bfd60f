"""Categories: what a transaction is for, in its owner's words.

A user's categories are a tree of two levels. Within one parent, a name is unique whatever its case.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Self

from domain.ledger.allocations import Split, StatedSplit
from domain.ledger.errors import InvalidCategory, InvalidSplits
from domain.shared.folding import comparable
from domain.shared.ids import CategoryId, UserId
from domain.shared.money import Money, add_up
from domain.shared.result import Failure, Result, Success

#: How many categories a user may have.
MAX_CATEGORIES = 1000
#: The most characters of a name.
MAX_NAME = 100
#: Between the names of a category and its parent; no name contains it.
SEPARATOR = ":"
#: The most parts of a transaction, and the fewest.
MAX_SPLITS = 100
_MIN_SPLITS = 2

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category of a user, below a parent or not. `parent_name` is empty where there is none."""

    id: CategoryId
    user_id: UserId
    name: str = field(repr=False)
    parent_id: CategoryId | None = None
    parent_name: str = field(default="", repr=False)

    @classmethod
    def create(
        cls, name: str, parent: "Category | None", *, id: CategoryId, user_id: UserId
    ) -> Result[Self, InvalidCategory]:
        """Make a category with a valid name, below a parent of the first level."""
        named = cls(id=id, user_id=user_id, name="").rename(name)
        return named if isinstance(named, Failure) else named.value.move(parent)

    @property
    def path(self) -> str:
        """The name, after that of the parent: `Food:Groceries`."""
        return SEPARATOR.join(filter(None, (self.parent_name, self.name)))

    @property
    def key(self) -> str:
        """The form in which names are compared."""
        return key_of(self.name)

    def rename(self, name: str) -> Result[Self, InvalidCategory]:
        """Return the category with another name, if it is valid."""
        name = " ".join(name.split())
        if not name or len(name) > MAX_NAME:
            return Failure(InvalidCategory(f"A name has 1 to {MAX_NAME} characters."))
        if SEPARATOR in name or _CONTROL.search(name):
            return Failure(InvalidCategory("A name has no colons and no control characters."))
        return Success(replace(self, name=name))

    def move(
        self, parent: "Category | None", *, has_children: bool = False
    ) -> Result[Self, InvalidCategory]:
        """Return the category below another one, or at the first level."""
        if parent is None:
            return Success(replace(self, parent_id=None, parent_name=""))
        if parent.parent_id or has_children or parent.id == self.id:
            return Failure(
                InvalidCategory("Categories have two levels, and this would be a third.")
            )
        return Success(replace(self, parent_id=parent.id, parent_name=parent.name))


@dataclass(frozen=True, slots=True)
class CategoryMove:
    """Where a category is to be: below another one, or at the first level."""

    parent_id: CategoryId | None


#: What files write where there is no category.
_NONE = {"uncategorized", "uncategorised", "none", "-"}


def names_of(text: str) -> tuple[str, ...]:
    """Return the names of a category as a file writes it: of its parent, if any, and its own.

    Of more than two levels, all but the first become one name. Nothing is left of what is no name.
    """
    parts = (" ".join(_CONTROL.sub(" ", part).split()) for part in text.split(SEPARATOR))
    names = [part for part in parts if part]
    if len(names) == 1 and key_of(names[0]) in _NONE:
        return ()
    shown = names if len(names) < 3 else [names[0], " / ".join(names[1:])]
    return tuple(name[:MAX_NAME].strip() for name in shown)


def key_of(name: str) -> str:
    return comparable(name).casefold()


def check_splits(splits: Sequence[Split], amount: Money) -> Result[None, InvalidSplits]:
    """Refuse parts that are not those of an amount; no parts are fine."""
    if splits and not _MIN_SPLITS <= len(splits) <= MAX_SPLITS:
        return Failure(
            InvalidSplits(f"Split a transaction into {_MIN_SPLITS} to {MAX_SPLITS} parts.")
        )
    if splits and not add_up((each.amount for each in splits), amount.amount):
        return Failure(InvalidSplits(f"The parts must add up to {amount} exactly."))
    return Success(None)


def may_split(parts: Sequence[StatedSplit], amount: Decimal) -> bool:
    """Return whether the parts of a row are those of its amount."""
    is_number = _MIN_SPLITS <= len(parts) <= MAX_SPLITS
    return is_number and add_up((each.amount for each in parts), amount)
