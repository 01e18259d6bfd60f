"""What a transaction is for: its category or its splits, its tags, and who set them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol, TypedDict

from domain.shared.ids import CategoryId, TransactionId


class CategorySource(StrEnum):
    """Who set the category or the tags of a transaction, or removed them."""

    OWNER = "owner"
    IMPORT = "import"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """What an owner chose for a transaction: a category with its path, or none."""

    id: CategoryId | None
    path: str = field(default="", repr=False)


class Said(TypedDict):
    """What is said of a transaction, by name."""

    note: str | None
    category: CategoryChoice | None
    tags: tuple[str, ...] | None
    splits: "tuple[Split, ...] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What an owner says of a transaction, whoever states it; None leaves it as it is."""

    note: str | None = field(default=None, repr=False)
    category: CategoryChoice | None = None
    tags: Sequence[str] | None = field(default=None, repr=False)
    splits: "Sequence[Split] | None" = field(default=None, repr=False)

    @property
    def said(self) -> Said:
        tags = None if self.tags is None else tuple(self.tags)
        splits = None if self.splits is None else tuple(self.splits)
        return Said(note=self.note, category=self.category, tags=tags, splits=splits)

    @property
    def says_nothing(self) -> bool:
        return self == UNANNOTATED


UNANNOTATED = Annotation()

_NONE = CategoryChoice(None)

#: Where a file has no categories.
NO_CATEGORIES: Mapping[str, CategoryChoice] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A part of a transaction with a category of its own, in the currency of the whole."""

    amount: Decimal
    category_id: CategoryId | None = None
    category: str = field(default="", repr=False)
    memo: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSplit:
    """A part of a row of a statement, with what the file calls its category."""

    amount: Decimal
    category: str = field(default="", repr=False)
    memo: str = field(default="", repr=False)

    def chosen(self, categories: Mapping[str, CategoryChoice]) -> Split:
        """Return the part with the user's category, by what the file calls it."""
        choice = categories.get(self.category, _NONE)
        return Split(
            amount=self.amount, category_id=choice.id, category=choice.path, memo=self.memo
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAllocation:
    """What an import states that a transaction is for: its category or its splits, and its tags."""

    transaction_id: TransactionId
    category_id: CategoryId | None = None
    splits: Sequence[Split] = ()
    tags: Sequence[str] = ()


class Allocated(Protocol):
    """A row that says what it is for."""

    @property
    def category(self) -> str: ...
    @property
    def splits(self) -> Sequence[StatedSplit]: ...
    @property
    def tags(self) -> Sequence[str]: ...


def allocations_of(
    rows: Sequence[Allocated], categories: Mapping[str, CategoryChoice]
) -> dict[str, Iterable[Any]]:
    """Return what rows say that their transactions are for, by the names of the fields."""
    chosen = [categories.get(row.category) for row in rows]
    splits = [tuple(each.chosen(categories) for each in row.splits) for row in rows]
    by_import = CategorySource.IMPORT
    return {
        "category": (each.path if each else "" for each in chosen),
        "category_id": (each and each.id for each in chosen),
        "category_source": (
            by_import if each or parts else None for each, parts in zip(chosen, splits, strict=True)
        ),
        "splits": splits,
        "tags": (tuple(row.tags) for row in rows),
        "tags_source": (by_import if row.tags else None for row in rows),
    }
