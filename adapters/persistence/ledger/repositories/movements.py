"""Movements of the ledger on their way out."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from adapters.persistence.database import stop_if_given_up
from adapters.persistence.ledger.models import TransactionModel
from domain.ledger.entities import TransactionStatus
from domain.ledger.exports import Movement
from domain.ledger.values import Security, Trade, TransactionKind
from domain.shared.ids import TransactionId
from domain.shared.money import Money

_COLUMNS = (
    "id",
    "booking_date",
    "value_date",
    "amount",
    "currency",
    "kind",
    "status",
    "description",
    "note",
    "category",
    "provider_id",
)
_TRADE = (
    "security__scheme",
    "security__number",
    "security__name",
    "security__ticker",
    "quantity",
    "unit_price",
)
_KINDS = {kind.value: kind for kind in TransactionKind}
_STATUSES = {status.value: status for status in TransactionStatus}


@dataclass(frozen=True, slots=True)
class Movements:
    """The movements of a sheet, fetched in batches whenever they are asked for."""

    rows: QuerySet[TransactionModel]
    batch: int

    def __iter__(self) -> Iterator[Movement]:
        rows = self.rows.order_by("booking_date", "id").values_list(*_COLUMNS, *_TRADE)
        found = list(rows[: self.batch])
        while found:
            stop_if_given_up()
            yield from map(_movement, found)
            last, day, *_ = found[-1]
            after = rows.filter(booking_date__gte=day).exclude(booking_date=day, id__lte=last)
            found = list(after[: self.batch]) if len(found) == self.batch else []


def _movement(row: tuple[Any, ...]) -> Movement:
    transaction_id, booked, valued, amount, currency, kind, status, *texts = row[: len(_COLUMNS)]
    description, note, category, provider_id = texts
    return Movement(
        TransactionId(transaction_id),
        booked,
        valued,
        Money(amount, currency),
        _KINDS[kind],
        _STATUSES[status],
        description,
        note,
        category,
        provider_id,
        _trade(*row[len(_COLUMNS) :]),
    )


def _trade(
    scheme: str | None,
    number: str,
    name: str,
    ticker: str,
    quantity: Decimal | None,
    unit_price: Decimal | None,
) -> Trade | None:
    if scheme is None or quantity is None:
        return None
    named = Security(scheme=scheme, number=number, name=name, ticker=ticker)
    return Trade(security=named, quantity=quantity, unit_price=unit_price)
