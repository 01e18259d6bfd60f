"""The splits of a transaction, as a JSON document."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.ledger.allocations import Split
from domain.shared.ids import CategoryId


def document_of(splits: Iterable[Split]) -> list[dict[str, Any]]:
    return [
        {
            # A number of JSON would lose digits.
            "amount": str(split.amount),
            "category_id": str(split.category_id) if split.category_id else None,
            "category": split.category,
            "memo": split.memo,
        }
        for split in splits
    ]


def splits_text(splits: Iterable[Split]) -> str:
    return json.dumps(document_of(splits)) if splits else "[]"


def splits_of(document: Iterable[Mapping[str, Any]]) -> tuple[Split, ...]:
    return tuple(
        Split(
            amount=Decimal(part["amount"]),
            category_id=CategoryId(UUID(part["category_id"])) if part["category_id"] else None,
            category=part["category"],
            memo=part["memo"],
        )
        for part in document
    )
