"""What a transaction is for: its category, and who set it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypedDict

from domain.shared.ids import CategoryId, TransactionId


class CategorySource(StrEnum):
    """Who set the category of a transaction, or removed it."""

    OWNER = "owner"
    IMPORT = "import"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What an owner says of a transaction, whoever states it; None leaves it as it is."""

    note: str | None = field(default=None, repr=False)
    category: CategoryChoice | None = None
    tags: Sequence[str] | None = field(default=None, repr=False)

    @property
    def said(self) -> Said:
        tags = None if self.tags is None else tuple(self.tags)
        return Said(note=self.note, category=self.category, tags=tags)

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
