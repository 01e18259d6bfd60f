"""What must be known of all movements of an account before the first one is written out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Count, F, QuerySet

from adapters.persistence.ledger.models import TransactionModel, TransferModel
from adapters.persistence.ledger.repositories.evidence import batches
from domain.ledger.entities import Account, TransactionStatus
from domain.ledger.transfers import TransferDecision
from domain.shared.ids import TransactionId

T = TypeVar("T")

#: An id of ours as text.
_OURS = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


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
    as_ours = [UUID(told) for told in ids.filter(provider_id__regex=_OURS) if told]
    # Not joined: a table that has just grown is taken for a small one.
    ours = (
        known
        for some in batches(as_ours)
        for known in rows.filter(id__in=some).values_list("id", flat=True)
    )
    return {told for told in repeated if told} | {str(known) for known in ours}


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
