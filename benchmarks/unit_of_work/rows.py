"""The one table, and the rows that every contender writes to it and reads back."""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

CREATE_TABLE = """
CREATE TABLE entry (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    description text NOT NULL,
    amount numeric(28, 10) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON entry (user_id);
"""

AMOUNTS = [Decimal("1250.0000000001"), Decimal("-19.99"), Decimal("-430.5")]
TOTAL = sum(AMOUNTS, Decimal())


@dataclass(frozen=True, slots=True)
class Row:
    """One entry, all but the time, which the server says."""

    id: UUID
    user_id: UUID
    description: str
    amount: Decimal


def rows_of_new_user() -> list[Row]:
    """Return what one unit writes; its SELECT then finds these and no others."""
    user_id = uuid.uuid4()
    return [
        Row(uuid.uuid4(), user_id, f"Entry {number} of a new user", amount)
        for number, amount in enumerate(AMOUNTS, start=1)
    ]
