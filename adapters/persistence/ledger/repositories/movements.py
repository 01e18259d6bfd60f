"""Movements of the ledger on their way out, and what must be known of all of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, UUIDField, When
from django.db.models.functions import Cast

from adapters.persistence.database import stop_if_given_up
from adapters.persistence.ledger.models import TransactionModel, TransferModel
from domain.ledger.entities import Account, TransactionStatus
from domain.ledger.exports import Movement
from domain.ledger.transfers import TransferDecision
from domain.ledger.values import Security, Trade, TransactionKind
from domain.shared.ids import TransactionId
from domain.shared.money import Money

T = TypeVar("T")

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
#: An id of ours as text.
_OURS = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


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


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What only some writers need to know: fetched whenever it is asked for."""

    fetch: Callable[[], Iterable[T]]

    def __iter__(self) -> Iterator[T]:
        return iter(self.fetch())


def shared_ids(rows: QuerySet[TransactionModel]) -> set[str]:
    """Return the bank's ids that several booked rows have, or that are ids of ours."""
    booked = rows.filter(status=TransactionStatus.POSTED, provider_id__isnull=False).order_by()
    ids = booked.values_list("provider_id", flat=True)
    repeated = ids.annotate(count=Count("id")).filter(count__gt=1)
    # An export that was brought into the ledger it came from has our ids as the bank's.
    as_ours = Case(When(provider_id__regex=_OURS, then=Cast("provider_id", UUIDField())))
    ours = ids.annotate(as_ours=as_ours).filter(Exists(rows.filter(id=OuterRef("as_ours"))))
    return {told for told in (*repeated, *ours) if told}


def ends_of_transfers(account: Account) -> set[TransactionId]:
    """Return what is an end of a confirmed transfer, as long as both stand and cancel."""
    confirmed = TransferModel.objects.filter(
        user_id=account.user_id,
        decision=TransferDecision.CONFIRMED,
        outgoing__removal__isnull=True,
        incoming__removal__isnull=True,
        outgoing__amount__lt=0,
        outgoing__amount=-F("incoming__amount"),
        outgoing__currency=F("incoming__currency"),
    )
    outgoing = confirmed.filter(outgoing__account_id=account.id).values_list("outgoing_id")
    incoming = confirmed.filter(incoming__account_id=account.id).values_list("incoming_id")
    return {TransactionId(row_id) for (row_id,) in outgoing.union(incoming)}


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
