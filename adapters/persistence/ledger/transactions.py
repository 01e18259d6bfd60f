"""Transactions, current and as of a past moment: read by keyset, written many at a time."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import starmap
from operator import attrgetter
from typing import Any, Never, TypeVar

from django.db.models import QuerySet
from pydantic_core import from_json

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger import imported_rows as rows_of_imports
from adapters.persistence.ledger import listed, postings, search
from adapters.persistence.ledger.listed import trade_of
from adapters.persistence.ledger.match_context import match_context
from adapters.persistence.ledger.models import TransactionModel, TransactionVersionModel
from adapters.persistence.ledger.splits import document_of, splits_of
from domain.ledger.allocations import CategorySource, Split
from domain.ledger.entities import Transaction
from domain.ledger.errors import TransactionNotFound
from domain.ledger.imported import ImportedRow
from domain.ledger.kinds import TransactionKind
from domain.ledger.listing import BulkEdit, CurrencyTotal, TransactionFilter, TransactionSort
from domain.ledger.matches import MatchContext
from domain.ledger.neighbourhood import Neighbourhood
from domain.ledger.ports import ListedTransaction
from domain.ledger.values import (
    Removal,
    StatementRow,
    Trade,
    TransactionKey,
    TransactionStatus,
)
from domain.shared.ids import AccountId, ImportId, TransactionId, UserId
from domain.shared.money import Money
from domain.shared.pages import Cursor, Page
from domain.shared.records import records
from domain.shared.result import Failure, Result, Success

# Fields that the domain has in another form than the row: see `transaction_of`.
_CONVERTED = {"id", "import_id", "key", "amount", "kind", "status", "trade", "removal"}
# What the owner says of it, copied in another form.
_SOURCES = {source.value: source for source in CategorySource}
_COPIED = tuple(each.name for each in fields(Transaction) if each.name not in _CONVERTED)
_copied_values = attrgetter(*_COPIED)

Row = TypeVar("Row", TransactionModel, TransactionVersionModel)


class DjangoTransactionRepository(UsesDatabase):
    """`TransactionRepository` on the Django ORM."""

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
        account_id: AccountId | None,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        sort: TransactionSort = TransactionSort.NEWEST,
    ) -> Result[Page[ListedTransaction], Never]:
        page = search.page if where.words else listed.page
        found = page(account_id, owner, where, after, limit + 1, sort)
        return Success(_page_of(found, limit, sort))

    @in_database
    def totals(
        self, account_id: AccountId | None, *, owner: UserId, where: TransactionFilter
    ) -> Result[Sequence[CurrencyTotal], Never]:
        rows = search.BY_WORDS if where.words else listed.CURRENT
        return Success(listed.totals(rows, account_id, owner, where))

    @in_database
    def match_context(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        rows: Sequence[StatementRow],
        keys: Sequence[TransactionKey],
        near: Neighbourhood | None = None,
    ) -> Result[MatchContext, Never]:
        return Success(match_context(account_id, owner, rows, keys, near))

    @in_database
    def add(self, transactions: Sequence[Transaction]) -> Result[None, Never]:
        postings.insert(transactions)
        return Success(None)

    @in_database
    def update_from_import(self, transactions: Sequence[Transaction]) -> Result[None, Never]:
        postings.update_from_import(transactions)
        return Success(None)

    @in_database
    def refresh(self, transactions: Sequence[Transaction], digest: bytes) -> Result[None, Never]:
        postings.refresh(transactions, digest)
        return Success(None)

    @in_database
    def add_prior_states(self, transactions: Sequence[Transaction]) -> Result[None, Never]:
        postings.insert_prior_states(transactions)
        return Success(None)

    @in_database
    def record_rows(self, imported_rows: Sequence[ImportedRow]) -> Result[None, Never]:
        rows_of_imports.insert(imported_rows)
        return Success(None)

    @in_database
    def undo(self, import_id: ImportId, *, owner: UserId) -> Result[tuple[int, int], Never]:
        return Success(postings.undo(import_id, owner))

    @in_database
    def expire(self, account_ids: Collection[AccountId], *, owner: UserId) -> Result[None, Never]:
        postings.expire(account_ids, owner)
        return Success(None)

    @in_database
    def merge(
        self, duplicate: TransactionId, into: TransactionId, *, owner: UserId
    ) -> Result[None, Never]:
        postings.merge(duplicate, into, owner)
        return Success(None)

    @in_database
    def edit(self, transaction: Transaction) -> Result[None, Never]:
        _row(transaction).update(
            note=transaction.note,
            category=transaction.category,
            category_id=transaction.category_id,
            category_source=transaction.category_source,
            tags=list(transaction.tags),
            tags_source=transaction.tags_source,
            splits=document_of(transaction.splits),
        )
        return Success(None)

    @in_database
    def edit_all(self, edit: BulkEdit, *, owner: UserId) -> Result[None, TransactionNotFound]:
        rows = TransactionModel.objects.filter(
            user_id=owner, id__in=edit.transaction_ids, removal__isnull=True
        )
        # In the order of their ids: two edits of the same transactions would deadlock otherwise.
        locked = rows.select_for_update(no_key=True).order_by("id").values_list("id", flat=True)
        if len(locked) < len(edit.transaction_ids):
            return Failure(TransactionNotFound())
        rows.update(**{name: _stored(value) for name, value in edit.columns.items()})
        return Success(None)

    @in_database
    def delete(self, transaction: Transaction) -> Result[None, Never]:
        _row(transaction).update(removal=Removal.DELETED)
        return Success(None)


def _stored(value: Any) -> Any:
    """Return the value of a column: no splits, and tags, are lists there."""
    return list(value) if isinstance(value, tuple) else value


def _one(transaction_id: TransactionId, owner: UserId) -> QuerySet[TransactionModel]:
    rows = TransactionModel.objects.select_related("security")
    return rows.filter(id=transaction_id, user_id=owner, removal__isnull=True)


def _found(rows: QuerySet[TransactionModel]) -> Result[Transaction, TransactionNotFound]:
    row = rows.first()
    if row is None:
        return Failure(TransactionNotFound())
    return Success(transaction_of(row))


def _row(transaction: Transaction) -> QuerySet[TransactionModel]:
    return TransactionModel.objects.filter(id=transaction.id, user_id=transaction.user_id)


def _filtered(rows: QuerySet[Row], where: TransactionFilter) -> QuerySet[Row]:
    """Return the rows that match a filter."""
    conditions = {
        "booking_date__gte": where.booked_from,
        "booking_date__lte": where.booked_to,
        "amount__gte": where.amount_from,
        "amount__lte": where.amount_to,
        "status": where.status,
        "kind": where.kind,
        "source_id": where.import_id,
        "category": where.category,
        "account_id__in": where.account_ids or None,
    }
    return rows.filter(**{name: value for name, value in conditions.items() if value is not None})


def _after(rows: QuerySet[Row], after: Cursor | None, id_name: str) -> QuerySet[Row]:
    """Return the rows after a cursor, newest booking date first."""
    if after:
        rows = rows.filter(booking_date__lte=after.day)
        rows = rows.exclude(**{"booking_date": after.day, f"{id_name}__gte": after.id})
    return rows.order_by("-booking_date", f"-{id_name}")


def _page_of(
    found: Sequence[ListedTransaction], limit: int, sort: TransactionSort = TransactionSort.NEWEST
) -> Page[ListedTransaction]:
    """Return a page of the rows found, which are one more than `limit` if there are more."""
    items = found[:limit]
    return Page(items, listed.cursor_of(items[-1], sort) if len(found) > limit else None)


def transaction_of(row: TransactionModel | TransactionVersionModel) -> Transaction:
    """Return the transaction of a current row or of a former version."""
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
        **_copied(_copied_values(row)),
    )


def _copied(values: Sequence[Any]) -> dict[str, Any]:
    """Return the fields that are copied from a row."""
    copied = dict(zip(_COPIED, values, strict=True))
    copied["category_source"] = _SOURCES.get(copied["category_source"])
    copied["tags"] = tuple(copied["tags"])
    copied["tags_source"] = _SOURCES.get(copied["tags_source"])
    copied["splits"] = splits_of(copied["splits"]) if copied["splits"] else ()
    return copied


# The columns of a transaction, in their order, and those of its security.
_STATED = ("import_id", "fingerprint", "occurrence", "amount", "currency", "kind", "status")
_TRADED = ("quantity", "unit_price")
_SECURITY = ("scheme", "number", "name", "ticker")
_COLUMNS = (*_STATED, "removal", *_COPIED, *_TRADED)
#: The same in SQL, of a `row` and its `security`. JSON comes as text.
SELECTED = ", ".join([*(f"row.{name}" for name in _COLUMNS), *(f"security.{n}" for n in _SECURITY)])
_NAMES = [*_COLUMNS, *_SECURITY]
_PATHS = {"import_id": "source_id", **{name: f"security__{name}" for name in _SECURITY}}


def transactions_of(rows: QuerySet[Row], id_name: str) -> list[Transaction]:
    """Return the content of many rows, without a model for each."""
    columns = (id_name, *(_PATHS.get(name, name) for name in _NAMES))
    return transactions_from(list(rows.values_list(*columns)))


def transactions_from(rows: Sequence[tuple[Any, ...]]) -> list[Transaction]:
    """Return the transactions of rows of an id and what is `SELECTED`."""
    if not rows:
        return []
    read: dict[str, Iterable[Any]] = dict(
        zip(("id", *_NAMES), zip(*rows, strict=True), strict=True)
    )
    trades = zip(*(read.pop(name) for name in (*_TRADED, *_SECURITY)), strict=True)
    read |= {
        "key": map(TransactionKey, map(bytes, read.pop("fingerprint")), read.pop("occurrence")),
        "amount": map(Money, read["amount"], read.pop("currency")),
        "trade": starmap(trade_of, trades),
    }
    converted = {name: map(convert, read[name]) for name, convert in _CONVERSIONS.items()}
    return records(Transaction, len(rows), read | converted)


def _splits(document: Any) -> tuple[Split, ...]:
    return () if document in ([], "[]") else splits_of(_document(document))


def _document(document: Any) -> Any:
    """Return what JSON says, unless Django has parsed it."""
    return from_json(document) if isinstance(document, str) else document


_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "kind": {kind.value: kind for kind in TransactionKind}.__getitem__,
    "status": {status.value: status for status in TransactionStatus}.__getitem__,
    "removal": {removal.value: removal for removal in Removal}.get,
    "category_source": _SOURCES.get,
    "tags": tuple,
    "splits": _splits,
    "raw": _document,
}


def _trade(row: TransactionModel | TransactionVersionModel) -> Trade | None:
    if row.security is None:
        return None
    named = row.security
    security = named.scheme, named.number, named.name, named.ticker
    return trade_of(row.quantity, row.unit_price, *security)


class DjangoTransactionHistory(UsesDatabase):
    """`TransactionHistory`: current rows recorded by then, and versions superseded since.

    A transaction of the database has one recorded time for all its writes, and no version is
    recorded before the one it replaces (`ledger/versions.py`): one version of each is valid.
    """

    @in_database
    def get(
        self, transaction_id: TransactionId, *, owner: UserId, at: datetime
    ) -> Result[Transaction, TransactionNotFound]:
        now = TransactionModel.objects.filter(id=transaction_id, user_id=owner)
        then = TransactionVersionModel.objects.filter(transaction_id=transaction_id, user_id=owner)
        row = _recorded_by(now, at).first() or _superseded_after(then, at).first()
        if row is None:
            return Failure(TransactionNotFound())
        return Success(transaction_of(row))

    @in_database
    def page(
        self,
        account_id: AccountId | None,
        *,
        owner: UserId,
        where: TransactionFilter,
        after: Cursor | None,
        limit: int,
        at: datetime,
    ) -> Result[Page[ListedTransaction], Never]:
        now, then = _of_account(owner, account_id)
        # In this order, a row that changes between the two statements is found twice, not missed.
        current = _after(_filtered(_recorded_by(now, at), where), after, "id")[: limit + 1]
        found = {row.id: row for row in transactions_of(current, "id")}
        replaced = _after(_filtered(_superseded_after(then, at), where), after, "transaction_id")
        past = transactions_of(replaced[: limit + 1], "transaction_id")
        found |= {row.id: row for row in past}
        newest = sorted(found.values(), key=lambda row: (row.booking_date, row.id), reverse=True)
        return Success(_page_of(newest[: limit + 1], limit))


def _of_account(
    owner: UserId, account_id: AccountId | None
) -> tuple[QuerySet[TransactionModel], QuerySet[TransactionVersionModel]]:
    """Return the rows of an account, or of all of them, as they are and as they were."""
    of = {"user_id": owner, **({"account_id": account_id} if account_id else {})}
    return TransactionModel.objects.filter(**of), TransactionVersionModel.objects.filter(**of)


def _recorded_by(rows: QuerySet[Row], at: datetime) -> QuerySet[Row]:
    """Return what was recorded by then and not removed."""
    return rows.select_related("security").filter(recorded_at__lte=at, removal__isnull=True)


def _superseded_after(
    rows: QuerySet[TransactionVersionModel], at: datetime
) -> QuerySet[TransactionVersionModel]:
    """Return the versions that were valid then and were superseded later."""
    return _recorded_by(rows, at).filter(superseded_at__gt=at)
