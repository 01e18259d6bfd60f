"""Ends of transfers as columns of a query, and back."""

from collections.abc import Sequence
from typing import Any

from domain.ledger.search_window import SearchWindow
from domain.ledger.transfer_lists import TransferCursor
from domain.ledger.transfers import Leg, Pair
from domain.shared.ids import AccountId, TransactionId
from domain.shared.money import Money

_COLUMNS = ("id", "account_id", "booking_date", "amount", "currency", "status", "description")
#: Both ends, where the query calls them `o` and `i`.
LEGS = ", ".join(f"{end}.{column}" for end in ("o", "i") for column in _COLUMNS)


def pair_of(columns: Sequence[Any]) -> Pair:
    """Read both ends."""
    return Pair(_leg(columns[: len(_COLUMNS)]), _leg(columns[len(_COLUMNS) :]))


def _leg(columns: Sequence[Any]) -> Leg:
    transaction_id, account_id, day, amount, currency, status, description = columns
    return Leg(
        transaction_id=TransactionId(transaction_id),
        account_id=AccountId(account_id),
        booking_date=day,
        amount=Money(amount, currency),
        pending=status == "pending",
        description=description,
    )


def bounds(period: SearchWindow, after: TransferCursor | None, limit: int) -> dict[str, Any]:
    """Return which pairs are wanted, as parameters; one more than a page tells of a next one."""
    return {
        "first": period.first,
        "last": period.last,
        "day": after.day if after else None,
        "outgoing": after.outgoing_id if after else None,
        "days": after.days_apart if after else None,
        "incoming": after.incoming_id if after else None,
        "limit": limit + 1,
    }
