"""Transactions: read by keyset, written by COPY."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Never, TypeVar

from django.db import connection
from django.db.models import QuerySet

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import TransactionModel
from domain.ledger.entities import Transaction, TransactionStatus
from domain.ledger.errors import TransactionNotFound
from domain.ledger.identity import Identity
from domain.ledger.ports import TransactionFilter
from domain.ledger.values import TransactionKind
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.money import Money
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success

T = TypeVar("T")

_BATCH = 5000

# COPY is not for tables with row-level security; arrays are as good as one.
_ADD = """
INSERT INTO ledger_transaction (
    id, user_id, account_id, import_id, fingerprint, occurrence, provider_id,
    booking_date, value_date, amount, currency, kind, status, description,
    original_currency, exchange_rate, line, raw
)
SELECT * FROM unnest(
    %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::bytea[], %s::int[], %s::text[],
    %s::date[], %s::date[], %s::numeric[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::numeric[], %s::int[], %s::jsonb[]
)
"""


class DjangoTransactionRepository:
    """`TransactionRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound]:
        row = TransactionModel.objects.filter(id=transaction_id, user_id=owner).first()
        if row is None:
            return Failure(TransactionNotFound("No such transaction."))
        return Success(_entity(row))

    @in_database
    def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
    ) -> Result[Page[Transaction], Never]:
        rows = _filtered(_of(account_id, owner), where).order_by("-booking_date", "-id")
        if after:
            rows = rows.filter(booking_date__lte=after.day)
            rows = rows.exclude(booking_date=after.day, id__gte=after.id)
        found = list(rows[: limit + 1])
        items = [_entity(row) for row in found[:limit]]
        more = len(found) > limit
        last = Cursor(items[-1].booking_date, items[-1].id) if more else None
        return Success(Page(items, last))

    @in_database
    def known(
        self, account_id: AccountId, *, owner: UserId, identities: Sequence[Identity]
    ) -> Result[Collection[Identity], Never]:
        wanted = list({identity.fingerprint for identity in identities})
        held: set[Identity] = set()
        for some in _batches(wanted):
            rows = _of(account_id, owner).filter(fingerprint__in=some)
            found = rows.values_list("fingerprint", "occurrence")
            held.update(Identity(bytes(fingerprint), k) for fingerprint, k in found)
        return Success(held)

    @in_database
    def known_provider_ids(
        self, account_id: AccountId, *, owner: UserId, provider_ids: Collection[str]
    ) -> Result[Collection[str], Never]:
        held: set[str] = set()
        for some in _batches(list(provider_ids)):
            rows = _of(account_id, owner).filter(provider_id__in=some)
            held.update(row for row in rows.values_list("provider_id", flat=True) if row)
        return Success(held)

    @in_database
    def add(self, transactions: Sequence[Transaction]) -> Result[None, Never]:
        with connection.cursor() as cursor:
            for some in _batches(transactions):
                rows = [tuple(_columns(transaction).values()) for transaction in some]
                cursor.execute(_ADD, [list(column) for column in zip(*rows, strict=True)])
        return Success(None)


def _of(account_id: AccountId, owner: UserId) -> QuerySet[TransactionModel]:
    return TransactionModel.objects.filter(account_id=account_id, user_id=owner)


def _filtered(
    rows: QuerySet[TransactionModel], where: TransactionFilter
) -> QuerySet[TransactionModel]:
    conditions = {
        "booking_date__gte": where.booked_from,
        "booking_date__lte": where.booked_to,
        "amount__gte": where.amount_from,
        "amount__lte": where.amount_to,
        "status": where.status,
        "kind": where.kind,
    }
    return rows.filter(**{name: value for name, value in conditions.items() if value is not None})


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


def _entity(row: TransactionModel) -> Transaction:
    return Transaction(
        id=TransactionId(row.id),
        user_id=UserId(row.user_id),
        account_id=AccountId(row.account_id),
        import_id=ImportId(row.source_id),
        identity=Identity(bytes(row.fingerprint), row.occurrence),
        provider_id=row.provider_id,
        booking_date=row.booking_date,
        value_date=row.value_date,
        amount=Money(row.amount, row.currency),
        kind=TransactionKind(row.kind),
        status=TransactionStatus(row.status),
        description=row.description,
        original_currency=row.original_currency,
        exchange_rate=row.exchange_rate,
        line=row.line,
        raw=row.raw,
    )


def _columns(transaction: Transaction) -> dict[str, Any]:
    return {
        "id": transaction.id,
        "user_id": transaction.user_id,
        "account_id": transaction.account_id,
        "import_id": transaction.import_id,
        "fingerprint": transaction.identity.fingerprint,
        "occurrence": transaction.identity.occurrence,
        "provider_id": transaction.provider_id,
        "booking_date": transaction.booking_date,
        "value_date": transaction.value_date,
        "amount": transaction.amount.amount,
        "currency": transaction.amount.currency,
        "kind": transaction.kind,
        "status": transaction.status,
        "description": transaction.description,
        "original_currency": transaction.original_currency,
        "exchange_rate": transaction.exchange_rate,
        "line": transaction.line,
        "raw": json.dumps(dict(transaction.raw)),
    }
