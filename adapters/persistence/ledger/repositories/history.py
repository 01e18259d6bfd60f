"""Transactions as they were known: current rows that were there then, and versions since replaced.

One transaction has one recorded time for all that it writes, and no version is recorded before the
one it replaces (`ledger/versions.py`): of each transaction one version holds.
"""

from datetime import datetime
from typing import Never

from django.db.models import QuerySet

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import TransactionModel, TransactionVersionModel
from adapters.persistence.ledger.repositories.transactions import (
    Row,
    behind,
    cut,
    filtered,
    transaction_of,
)
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.ports import TransactionFilter
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success


class DjangoTransactionHistory:
    """`TransactionHistory` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(
        self, transaction_id: TransactionId, *, owner: UserId, at: datetime
    ) -> Result[Transaction, TransactionNotFound]:
        now = TransactionModel.objects.filter(id=transaction_id, user_id=owner)
        then = TransactionVersionModel.objects.filter(transaction_id=transaction_id, user_id=owner)
        row = _known(now, at).first() or _replaced(then, at).first()
        if row is None:
            return Failure(TransactionNotFound("No such transaction."))
        return Success(transaction_of(row))

    @in_database
    def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        at: datetime,
    ) -> Result[Page[Transaction], Never]:
        now = TransactionModel.objects.filter(account_id=account_id, user_id=owner)
        then = TransactionVersionModel.objects.filter(account_id=account_id, user_id=owner)
        # In this order: what is replaced between the two is found twice, and never missed.
        known = behind(filtered(_known(now, at), where), after, "id")[: limit + 1]
        found = {row.id: transaction_of(row) for row in known}
        replaced = behind(filtered(_replaced(then, at), where), after, "transaction_id")
        found |= {row.transaction_id: transaction_of(row) for row in replaced[: limit + 1]}
        newest = sorted(found.values(), key=lambda row: (row.booking_date, row.id), reverse=True)
        return Success(cut(newest[: limit + 1], limit))


def _known(rows: QuerySet[Row], at: datetime) -> QuerySet[Row]:
    """Return what was recorded and in the ledger."""
    return rows.select_related("security").filter(recorded_at__lte=at, removal__isnull=True)


def _replaced(
    rows: QuerySet[TransactionVersionModel], at: datetime
) -> QuerySet[TransactionVersionModel]:
    """Return what held then and was replaced later."""
    return _known(rows, at).filter(superseded_at__gt=at)
