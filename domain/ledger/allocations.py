"""What a transaction is for: its category, and who set it."""

from dataclasses import dataclass, field
from enum import StrEnum

from domain.shared.ids import CategoryId


class CategorySource(StrEnum):
    """Who set the category of a transaction, or removed it."""

    OWNER = "owner"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """What an owner chose for a transaction: a category with its path, or none."""

    id: CategoryId | None
    path: str = field(default="", repr=False)
