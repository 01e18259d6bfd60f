"""What a transaction is for: its category, and who set it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

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


#: Where a file has no categories.
NO_CATEGORIES: Mapping[str, CategoryChoice] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StatedCategory:
    """The category that an import states of a transaction."""

    transaction_id: TransactionId
    category_id: CategoryId
