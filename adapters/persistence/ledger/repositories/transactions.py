"""Transactions: read by keyset, written many at a time."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Never, TypeVar

from django.db.models import QuerySet

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import TransactionModel, TransactionVersionModel
from adapters.persistence.ledger.repositories import entries
from adapters.persistence.ledger.repositories.evidence import evidence
from adapters.persistence.ledger.repositories.securities import security_of
from domain.ledger.entities import ImportedRow, Transaction, TransactionStatus
from domain.ledger.errors import TransactionNotFound
from domain.ledger.matching import MatchContext, Removal
from domain.ledger.ports import TransactionFilter
from domain.ledger.transaction_key import TransactionKey
from domain.ledger.values import StatementRow, Trade, TransactionKind
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.money import Money
from domain.shared.pages import Cursor, Page
from domain.shared.result import Failure, Result, Success

# What the domain has in another form than the row; see `transaction_of`.
_OTHERWISE = {"id", "import_id", "key", "amount", "kind", "status", "trade", "removal"}
_AS_THEY_ARE = tuple(each.name for each in fields(Transaction) if each.name not in _OTHERWISE)
_as_it_is = attrgetter(*_AS_THEY_ARE)

Row = TypeVar("Row", TransactionModel, TransactionVersionModel)


class DjangoTransactionRepository:
    """`TransactionRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def get(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound]:
        return _found(_one(transaction_id, owner))

    @in_database
    def lock(
        self, transaction_id: TransactionId, *, owner: UserId
    ) -> Result[Transaction, TransactionNotFound]:
        rows = _one(transaction_id, owner)
        return _found(rows.select_for_update(no_key=True, of=("self",)))

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
        rows = behind(filtered(_of(account_id, owner), where), after, "id")
        return Success(cut([transaction_of(row) for row in rows[: limit + 1]], limit))

    @in_database
    def match_context(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        rows: Sequence[StatementRow],
        keys: Sequence[TransactionKey],
    ) -> Result[MatchContext, Never]:
        return Success(evidence(account_id, owner, rows, keys))

    @in_database
    def add(self, transactions: Sequence[Transaction]) -> Result[None, Never]:
        entries.add(transactions)
        return Success(None)

    @in_database
    def update_from_import(self, transactions: Sequence[Transaction]) -> Result[None, Never]:
        entries.update_from_import(transactions)
        return Success(None)

    @in_database
    def add_prior_states(self, transactions: Sequence[Transaction]) -> Result[None, Never]:
        entries.add_prior_states(transactions)
        return Success(None)

    @in_database
    def record_rows(self, imported_rows: Sequence[ImportedRow]) -> Result[None, Never]:
        entries.record_rows(imported_rows)
        return Success(None)

    @in_database
    def undo(self, import_id: ImportId, *, owner: UserId) -> Result[tuple[int, int], Never]:
        return Success(entries.undo(import_id, owner))

    @in_database
    def edit(self, transaction: Transaction) -> Result[None, Never]:
        _row(transaction).update(note=transaction.note, category=transaction.category)
        return Success(None)

    @in_database
    def delete(self, transaction: Transaction) -> Result[None, Never]:
        _row(transaction).update(removal=Removal.DELETED)
        return Success(None)


def _one(transaction_id: TransactionId, owner: UserId) -> QuerySet[TransactionModel]:
    rows = TransactionModel.objects.select_related("security")
    return rows.filter(id=transaction_id, user_id=owner, removal__isnull=True)


def _found(rows: QuerySet[TransactionModel]) -> Result[Transaction, TransactionNotFound]:
    row = rows.first()
    if row is None:
        return Failure(TransactionNotFound("No such transaction."))
    return Success(transaction_of(row))


def _row(transaction: Transaction) -> QuerySet[TransactionModel]:
    return TransactionModel.objects.filter(id=transaction.id, user_id=transaction.user_id)


def _of(account_id: AccountId, owner: UserId) -> QuerySet[TransactionModel]:
    rows = TransactionModel.objects.select_related("security")
    return rows.filter(account_id=account_id, user_id=owner, removal__isnull=True)


def filtered(rows: QuerySet[Row], where: TransactionFilter) -> QuerySet[Row]:
    """Return those that are wanted."""
    conditions = {
        "booking_date__gte": where.booked_from,
        "booking_date__lte": where.booked_to,
        "amount__gte": where.amount_from,
        "amount__lte": where.amount_to,
        "status": where.status,
        "kind": where.kind,
    }
    return rows.filter(**{name: value for name, value in conditions.items() if value is not None})


def behind(rows: QuerySet[Row], after: Cursor | None, id_name: str) -> QuerySet[Row]:
    """Return those that follow a place, newest booking date first."""
    if after:
        rows = rows.filter(booking_date__lte=after.day)
        rows = rows.exclude(**{"booking_date": after.day, f"{id_name}__gte": after.id})
    return rows.order_by("-booking_date", f"-{id_name}")


def cut(found: Sequence[Transaction], limit: int) -> Page[Transaction]:
    """Make a page of what may be one more than fit on it."""
    items = found[:limit]
    more = len(found) > limit
    return Page(items, Cursor(items[-1].booking_date, items[-1].id) if more else None)


def transaction_of(row: TransactionModel | TransactionVersionModel) -> Transaction:
    """Return what a row says: a transaction as it stands, or as it was."""
    return Transaction(
        id=TransactionId(
            row.transaction_id if isinstance(row, TransactionVersionModel) else row.id
        ),
        import_id=ImportId(row.source_id),
        key=TransactionKey(bytes(row.fingerprint), row.occurrence),
        amount=Money(row.amount, row.currency),
        kind=TransactionKind(row.kind),
        status=TransactionStatus(row.status),
        trade=_trade(row),
        removal=Removal(row.removal) if row.removal else None,
        **dict(zip(_AS_THEY_ARE, _as_it_is(row), strict=True)),
    )


def _trade(row: TransactionModel | TransactionVersionModel) -> Trade | None:
    if row.security is None or row.quantity is None:
        return None
    return Trade(
        security=security_of(row.security), quantity=row.quantity, unit_price=row.unit_price
    )
