"""What a transaction is for: its category or its splits, and who set it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from types import MappingProxyType
from typing import TypedDict

from domain.shared.ids import CategoryId, TransactionId
from domain.shared.money import exact_sum


class CategorySource(StrEnum):
    """Who set the category of a transaction, or removed it."""

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

#: Where a file has no categories.
NO_CATEGORIES: Mapping[str, CategoryChoice] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StatedCategory:
    """The category that an import states of a transaction."""

    transaction_id: TransactionId
    category_id: CategoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A part of a transaction with a category of its own, in the currency of the whole."""

    amount: Decimal
    category_id: CategoryId | None = None
    category: str = field(default="", repr=False)
    memo: str = field(default="", repr=False)


def add_up(splits: Sequence[Split], amount: Decimal) -> bool:
    """Return whether the parts sum to the whole exactly."""
    return reduce(exact_sum, (split.amount for split in splits)) == amount
