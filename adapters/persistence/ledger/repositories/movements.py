"""Movements of the ledger on their way out."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from adapters.persistence.database import stop_if_cancelled
from adapters.persistence.ledger.models import TransactionModel
from domain.ledger.entities import TransactionStatus
from domain.ledger.exports import Movement
from domain.ledger.values import Security, Trade, TransactionKind
from domain.shared.money import Money

# What the domain has in another form than the row; see `_movement`.
_OTHERWISE = ("amount", "kind", "status", "trade")
# Where a row stands in the order comes first: see `Movements`.
_PLACE = ("id", "booking_date")
_AS_THEY_ARE = (
    *_PLACE,
    *(each.name for each in fields(Movement) if each.name not in (*_PLACE, *_OTHERWISE)),
)
_COLUMNS = (*_AS_THEY_ARE, "amount", "currency", "kind", "status")
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
            stop_if_cancelled()
            yield from map(_movement, found)
            last, day = found[-1][: len(_PLACE)]
            after = rows.filter(booking_date__gte=day).exclude(booking_date=day, id__lte=last)
            found = list(after[: self.batch]) if len(found) == self.batch else []


def _movement(row: tuple[Any, ...]) -> Movement:
    amount, currency, kind, status, *trade = row[len(_AS_THEY_ARE) :]
    return Movement(
        amount=Money(amount, currency),
        kind=_KINDS[kind],
        status=_STATUSES[status],
        trade=_trade(*trade),
        **dict(zip(_AS_THEY_ARE, row, strict=False)),
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
