"""Balance snapshots: added, never changed."""

from collections.abc import Mapping, Sequence
from typing import Never

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import AccountModel, BalanceModel
from adapters.persistence.ledger.repositories.columns import rows_of, texts_of
from adapters.persistence.ledger.repositories.standing import standing
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import BalanceSnapshot
from domain.ledger.values import BalanceKind
from domain.shared.ids import AccountId, ImportId, UserId, new_id
from domain.shared.money import Money
from domain.shared.result import Result, Success

_STATED = {
    **dict.fromkeys(["id", "user_id", "account_id", "import_id"], "uuid"),
    "kind": "text",
    "day": "date",
    "amount": "numeric",
    "currency": "text",
}
_ADD = f"""
INSERT INTO ledger_balance ({", ".join(_STATED)}) {rows_of(_STATED)}
ON CONFLICT ON CONSTRAINT ledger_balance_unique DO NOTHING
"""


class DjangoBalanceRepository:
    """`BalanceRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def add(self, snapshots: Sequence[BalanceSnapshot]) -> Result[int, Never]:
        if not snapshots:
            return Success(0)
        texts = texts_of(_STATED, [_values(snapshot) for snapshot in snapshots])
        with connection.cursor() as cursor:
            cursor.execute(_ADD, texts)
            return Success(cursor.rowcount)

    @in_database
    def of_account(
        self, account_id: AccountId, *, owner: UserId, limit: int, as_of: AsOf = NOW
    ) -> Result[Sequence[BalanceSnapshot], Never]:
        rows = _standing(owner, as_of).filter(account_id=account_id)
        stated = ("day", "kind", "currency", "amount")
        once = rows.order_by("-day", "kind", "currency", "amount", "id").distinct(*stated)
        return Success([balance_of(row) for row in once[:limit]])

    @in_database
    def latest(
        self, *, owner: UserId, as_of: AsOf = NOW
    ) -> Result[Mapping[AccountId, BalanceSnapshot], Never]:
        booked = _standing(owner, as_of).filter(kind=BalanceKind.BOOKED)
        # The newest of each account is looked up, whatever else was ever stated of it.
        newest = booked.filter(account_id=OuterRef("pk")).order_by("-day", "-id").values("pk")[:1]
        ids = AccountModel.objects.filter(user_id=owner).values_list(Subquery(newest))
        rows = BalanceModel.objects.filter(pk__in=ids, user_id=owner)
        return Success({AccountId(row.account_id): balance_of(row) for row in rows})


def _standing(owner: UserId, as_of: AsOf) -> QuerySet[BalanceModel]:
    rows = BalanceModel.objects.filter(standing(as_of), user_id=owner)
    return rows if as_of.day is None else rows.filter(day__lte=as_of.day)


def _values(snapshot: BalanceSnapshot) -> tuple[object, ...]:
    return (
        new_id(),
        snapshot.user_id,
        snapshot.account_id,
        snapshot.import_id,
        snapshot.kind.value,
        snapshot.day,
        snapshot.money.amount,
        snapshot.money.currency,
    )


def balance_of(row: BalanceModel) -> BalanceSnapshot:
    """Return what a row says."""
    return BalanceSnapshot(
        account_id=AccountId(row.account_id),
        user_id=UserId(row.user_id),
        import_id=ImportId(row.source_id),
        kind=BalanceKind(row.kind),
        money=Money(row.amount, row.currency),
        day=row.day,
    )
