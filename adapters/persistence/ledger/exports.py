"""The source of exports: accounts with their balances and transactions, fetched in batches."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Min, QuerySet

from adapters.persistence.database import (
    Database,
    allow_long_transaction,
    in_database,
    stop_if_cancelled,
)
from adapters.persistence.ledger.accounts import account_of
from adapters.persistence.ledger.columns import batches
from adapters.persistence.ledger.daily_balances import balances_by_day, stated_balances
from adapters.persistence.ledger.models import (
    AccountModel,
    TransactionModel,
)
from adapters.persistence.ledger.splits import splits_of
from domain.ledger.days import Days
from domain.ledger.entities import Account
from domain.ledger.errors import AccountNotFound
from domain.ledger.exports import (
    AccountLedger,
    ExportedLeg,
    ExportedTransaction,
    ExportScope,
    Ledger,
)
from domain.ledger.kinds import BalanceKind, TransactionKind
from domain.ledger.values import Security, StatedBalance, Trade, TransactionStatus
from domain.shared.ids import TransactionId, UserId
from domain.shared.money import Money
from domain.shared.result import Failure, Result, Success

T = TypeVar("T")

BATCH = 2_000

#: The account and the currency of a account_ledger.
_SheetKey = tuple[UUID, str]


class DjangoLedgerSource:
    """`LedgerSource` on the Django ORM. `use` runs in the thread that fetches the rows."""

    def __init__(self, database: Database, batch: int = BATCH) -> None:
        self._database = database
        self._batch = batch

    @in_database
    def read(
        self, use: Callable[[Ledger], T], *, owner: UserId, scope: ExportScope
    ) -> Result[T, AccountNotFound]:
        allow_long_transaction()
        accounts = AccountModel.objects.filter(user_id=owner, removal__isnull=True)
        if scope.account_id:
            accounts = accounts.filter(id=scope.account_id)
            if not accounts.exists():
                return Failure(AccountNotFound())
        return Success(use(Ledger(accounts=_account_ledgers(accounts, owner, scope, self._batch))))


def _account_ledgers(
    accounts: QuerySet[AccountModel], owner: UserId, scope: ExportScope, batch: int
) -> list[AccountLedger]:
    movements = _within(
        TransactionModel.objects.filter(user_id=owner, removal__isnull=True), scope, "booking_date"
    )
    grouped = movements.order_by().values_list("account_id", "currency")
    days: dict[_SheetKey, list[date]] = defaultdict(list)
    for account_id, currency, *span in grouped.annotate(Min("booking_date"), Max("booking_date")):
        days[account_id, currency] += span
    balances = _balances(owner, scope)
    for key, stated in balances.items():
        days[key] += [balance.day for balance in stated]
    closings = _closings(owner, scope, days)
    known = {row.id: account_of(row) for row in accounts.filter(id__in={key[0] for key in days})}
    account_ledgers = [
        _account_ledger(
            known[account_id],
            currency,
            days[account_id, currency],
            (balances.get((account_id, currency), []), closings.get((account_id, currency))),
            movements.filter(account_id=account_id),
            batch,
        )
        for account_id, currency in sorted(days)
    ]
    return sorted(account_ledgers, key=lambda account_ledger: account_ledger.sort_key)


def _account_ledger(
    account: Account,
    currency: str,
    days: list[date],
    stated: tuple[list[StatedBalance], Money | None],
    of_account: QuerySet[TransactionModel],
    batch: int,
) -> AccountLedger:
    return AccountLedger(
        account=account,
        currency=currency,
        first_day=min(days),
        last_day=max(days),
        balances=stated[0],
        closing=stated[1],
        transactions=_ExportedTransactions(of_account.filter(currency=currency), batch),
        shared_ids=_Fetched(partial(_shared_ids, of_account)),
        transfers=_Fetched(partial(_legs, account)),
    )


def _balances(owner: UserId, scope: ExportScope) -> dict[_SheetKey, list[StatedBalance]]:
    """Return stated booked balances, oldest first: one for each day."""
    found: dict[_SheetKey, list[StatedBalance]] = defaultdict(list)
    first, last = scope.first_day or date.min, scope.last_day or date.max
    for each in stated_balances(owner, scope.account_id):
        if each.kind is BalanceKind.BOOKED and first <= each.day <= last:
            balance = StatedBalance(
                kind=each.kind, money=Money(each.amount or Decimal(0), each.currency), day=each.day
            )
            found[each.account_id, each.currency].append(balance)
    return found


def _closings(
    owner: UserId, scope: ExportScope, days: Mapping[_SheetKey, list[date]]
) -> dict[_SheetKey, Money]:
    """Return the balances on the last day, on which nothing of an account may have changed."""
    last = max((max(of_account) for of_account in days.values()), default=None)
    if last is None:
        return {}
    known = balances_by_day(Days(last, last), owner, scope.account_id)
    return {
        (each.account_id, each.currency): Money(each.amount, each.currency)
        for each in known
        if each.amount is not None
    }


def _within(rows: QuerySet[Any], scope: ExportScope, day: str) -> QuerySet[Any]:
    conditions = {
        "account_id": scope.account_id,
        f"{day}__gte": scope.first_day,
        f"{day}__lte": scope.last_day,
    }
    return rows.filter(**{name: value for name, value in conditions.items() if value is not None})


#: One of our ids as text.
_OURS = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


@dataclass(frozen=True, slots=True)
class _Fetched(Generic[T]):
    """Facts that only some writers need, fetched whenever they are iterated over."""

    fetch: Callable[[], Iterable[T]]

    def __iter__(self) -> Iterator[T]:
        return iter(self.fetch())


def _shared_ids(rows: QuerySet[TransactionModel]) -> set[str]:
    """Return provider ids that several booked rows share, or that are our own ids."""
    booked = rows.filter(status=TransactionStatus.POSTED, provider_id__isnull=False).order_by()
    ids = booked.values_list("provider_id", flat=True)
    repeated = ids.annotate(count=Count("id")).filter(count__gt=1)
    # A ledger's own export, imported again, has our ids as provider ids.
    as_ours = [UUID(each) for each in ids.filter(provider_id__regex=_OURS) if each]
    # Not joined: the planner takes a table that has just grown for a small one.
    ours = (
        known
        for some in batches(as_ours)
        for known in rows.filter(id__in=some).values_list("id", flat=True)
    )
    return {each for each in repeated if each} | {str(known) for known in ours}


# Amounts that have changed since the decision, and do not cancel out, are of a broken transfer.
_TRANSFERS = """
SELECT o.id, o.account_id, i.id, i.account_id, o.currency <> i.currency, -(o.amount + i.amount)
FROM ledger_transfer d
JOIN ledger_transaction o ON o.user_id = d.user_id AND o.id = d.outgoing_id
JOIN ledger_transaction i ON i.user_id = d.user_id AND i.id = d.incoming_id
WHERE d.user_id = %(owner)s AND d.decision = 'confirmed'
AND %(account)s IN (o.account_id, i.account_id) AND o.removal IS NULL AND i.removal IS NULL
AND (
    (o.amount, i.amount) = (d.outgoing_amount, d.incoming_amount)
    OR (o.amount < 0 AND o.amount = -i.amount AND o.currency = i.currency)
)
"""


def _legs(account: Account) -> list[ExportedLeg]:
    """Return the legs of confirmed transfers, as long as both are active and not broken."""
    with connection.cursor() as cursor:
        cursor.execute(_TRANSFERS, {"owner": account.user_id, "account": account.id})
        found = cursor.fetchall()
    legs: list[ExportedLeg] = []
    for outgoing, from_account, incoming, into_account, is_exchange, fee in found:
        if from_account == account.id:
            kept = Decimal(0) if is_exchange else fee
            legs.append(ExportedLeg(TransactionId(outgoing), kept, is_exchange))
        if into_account == account.id:
            legs.append(ExportedLeg(TransactionId(incoming), is_exchange=is_exchange))
    return legs


# Fields that the domain has in another form than the row: see `_exported_transaction`.
_CONVERTED = ("amount", "kind", "status", "trade", "tags", "splits")
# The key of the order comes first: see `_ExportedTransactions`.
_KEYSET = ("id", "booking_date")
_COPIED = (
    *_KEYSET,
    *(
        each.name
        for each in fields(ExportedTransaction)
        if each.name not in (*_KEYSET, *_CONVERTED)
    ),
)
_COLUMNS = (*_COPIED, "amount", "currency", "kind", "status", "tags", "splits")
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
class _ExportedTransactions:
    """The transactions of an account, fetched in batches each time they are iterated."""

    rows: QuerySet[TransactionModel]
    batch: int

    def __iter__(self) -> Iterator[ExportedTransaction]:
        rows = self.rows.order_by("booking_date", "id").values_list(*_COLUMNS, *_TRADE)
        found = list(rows[: self.batch])
        while found:
            stop_if_cancelled()
            yield from map(_exported_transaction, found)
            last, day = found[-1][: len(_KEYSET)]
            after = rows.filter(booking_date__gte=day).exclude(booking_date=day, id__lte=last)
            found = list(after[: self.batch]) if len(found) == self.batch else []


def _exported_transaction(row: tuple[Any, ...]) -> ExportedTransaction:
    amount, currency, kind, status, tags, splits, *trade = row[len(_COPIED) :]
    return ExportedTransaction(
        amount=Money(amount, currency),
        kind=_KINDS[kind],
        status=_STATUSES[status],
        tags=tuple(tags),
        splits=splits_of(splits) if splits else (),
        trade=_trade(*trade),
        **dict(zip(_COPIED, row, strict=False)),
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
