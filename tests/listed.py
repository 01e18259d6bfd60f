"""What lists show of transactions, to compare with the transactions themselves."""

from collections.abc import Iterable
from typing import Any

from domain.ledger.ports import ListedTransaction

FIELDS = [name for name, member in vars(ListedTransaction).items() if isinstance(member, property)]


def shown(transactions: Iterable[ListedTransaction]) -> list[dict[str, Any]]:
    """Return all that a list shows of these."""
    return [{name: getattr(each, name) for name in FIELDS} for each in transactions]
