"""The ledger on its way out: what stands, fetched in batches."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Max, Min, QuerySet

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import AccountModel, BalanceModel, TransactionModel
from adapters.persistence.ledger.repositories.accounts import account_of
from adapters.persistence.ledger.repositories.export_facts import (
    Asked,
    ends_of_transfers,
    shared_ids,
)
from adapters.persistence.ledger.repositories.long_transactions import allow_long_transaction
from adapters.persistence.ledger.repositories.movements import Movements
from domain.ledger.entities import Account
from domain.ledger.errors import AccountNotFound
from domain.ledger.exports import AccountLedger, ExportScope, Ledger
from domain.ledger.values import BalanceKind, StatedBalance
from domain.shared.ids import UserId
from domain.shared.money import Money
from domain.shared.result import Failure, Result, Success

T = TypeVar("T")

BATCH = 2_000

#: An account and a currency: what a sheet is about.
_Key = tuple[UUID, str]


class DjangoLedgerSource:
    """`LedgerSource` on the Django ORM. What `use` does is done where the rows are fetched."""

    def __init__(self, database: Database, batch: int = BATCH) -> None:
        self._database = database
        self._batch = batch

    @in_database
    def read(
        self, use: Callable[[Ledger], T], *, owner: UserId, scope: ExportScope
    ) -> Result[T, AccountNotFound]:
        allow_long_transaction()
        accounts = AccountModel.objects.filter(user_id=owner)
        if scope.account_id:
            accounts = accounts.filter(id=scope.account_id)
            if not accounts.exists():
                return Failure(AccountNotFound("No such account."))
        return Success(use(Ledger(accounts=_sheets(accounts, owner, scope, self._batch))))


def _sheets(
    accounts: QuerySet[AccountModel], owner: UserId, scope: ExportScope, batch: int
) -> list[AccountLedger]:
    movements = _within(
        TransactionModel.objects.filter(user_id=owner, removal__isnull=True), scope, "booking_date"
    )
    grouped = movements.order_by().values_list("account_id", "currency")
    days: dict[_Key, list[date]] = defaultdict(list)
    for account_id, currency, *span in grouped.annotate(Min("booking_date"), Max("booking_date")):
        days[account_id, currency] += span
    balances = _balances(owner, scope)
    for key, stated in balances.items():
        days[key] += [balance.day for balance in stated]
    known = {row.id: account_of(row) for row in accounts.filter(id__in={key[0] for key in days})}
    sheets = [
        _sheet(
            known[account_id],
            currency,
            days[account_id, currency],
            balances.get((account_id, currency), []),
            movements.filter(account_id=account_id),
            batch,
        )
        for account_id, currency in days
    ]
    return sorted(sheets, key=lambda sheet: sheet.sort_key)


def _sheet(
    account: Account,
    currency: str,
    days: list[date],
    balances: list[StatedBalance],
    of_account: QuerySet[TransactionModel],
    batch: int,
) -> AccountLedger:
    return AccountLedger(
        account=account,
        currency=currency,
        first_day=min(days),
        last_day=max(days),
        balances=balances,
        transactions=Movements(of_account.filter(currency=currency), batch),
        shared_ids=Asked(partial(shared_ids, of_account)),
        transfers=Asked(partial(ends_of_transfers, account)),
    )


def _balances(owner: UserId, scope: ExportScope) -> dict[_Key, list[StatedBalance]]:
    """Return booked balances of imports that stand: of each day the one that was stated last."""
    rows = _within(
        BalanceModel.objects.filter(
            user_id=owner, kind=BalanceKind.BOOKED, source__undone_at__isnull=True
        ),
        scope,
        "day",
    )
    found: dict[_Key, dict[date, StatedBalance]] = defaultdict(dict)
    stated = rows.order_by("day", "id").values_list("account_id", "currency", "day", "amount")
    for account_id, currency, day, amount in stated:
        found[account_id, currency][day] = StatedBalance(
            kind=BalanceKind.BOOKED, money=Money(amount, currency), day=day
        )
    return {key: list(of_days.values()) for key, of_days in found.items()}


def _within(rows: QuerySet[Any], scope: ExportScope, day: str) -> QuerySet[Any]:
    conditions = {
        "account_id": scope.account_id,
        f"{day}__gte": scope.first_day,
        f"{day}__lte": scope.last_day,
    }
    return rows.filter(**{name: value for name, value in conditions.items() if value is not None})
