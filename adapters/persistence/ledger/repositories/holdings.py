"""Positions as statements give them: added, never changed."""

from collections.abc import Sequence
from typing import Any, Never

from django.db import connection
from django.db.models import QuerySet

from adapters.persistence.database import Database, in_database
from adapters.persistence.ledger.models import HoldingModel, StatementModel
from adapters.persistence.ledger.repositories.columns import rows_of, texts_of
from adapters.persistence.ledger.repositories.securities import keep_securities
from adapters.persistence.ledger.repositories.standing import standing
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account
from domain.ledger.holdings import Holding
from domain.ledger.values import Security, StatedHolding
from domain.shared.ids import (
    AccountId,
    HoldingId,
    ImportId,
    SecurityId,
    StatementId,
    UserId,
    new_id,
)
from domain.shared.result import Result, Success

_WHOSE = ["id", "user_id", "account_id", "import_id", "statement_id", "security_id"]
_STATED = {
    **dict.fromkeys(_WHOSE, "uuid"),
    "day": "date",
    "quantity": "numeric",
    "currency": "text",
    **dict.fromkeys(["price", "value", "cost_basis"], "numeric"),
    "line": "int",
}
_ADD = f"INSERT INTO ledger_holding ({', '.join(_STATED)}) {rows_of(_STATED)}"


class DjangoHoldingRepository:
    """`HoldingRepository` on the Django ORM."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @in_database
    def add(
        self,
        statement_id: StatementId,
        import_id: ImportId,
        account: Account,
        holdings: Sequence[StatedHolding],
    ) -> Result[None, Never]:
        if not holdings:
            return Success(None)
        ids = keep_securities(account.user_id, [stated.security for stated in holdings])
        rows = [
            Holding.of(
                stated,
                id=HoldingId(new_id()),
                account=account,
                import_id=import_id,
                statement_id=statement_id,
                security_id=ids[stated.security.scheme, stated.security.number],
            )
            for stated in holdings
        ]
        with connection.cursor() as cursor:
            cursor.execute(_ADD, texts_of(_STATED, [_values(row) for row in rows]))
        return Success(None)

    @in_database
    def page(
        self,
        *,
        owner: UserId,
        account_id: AccountId | None = None,
        as_of: AsOf = NOW,
        after: HoldingId | None,
        limit: int,
    ) -> Result[Sequence[Holding], Never]:
        # One for each account. Not joined: a table that has just grown is taken for a small one.
        told = list(_telling(owner, account_id, as_of).values_list("id", flat=True))
        rows = HoldingModel.objects.filter(user_id=owner, statement_id__in=told)
        if after:
            rows = rows.filter(id__gt=after)
        in_order = rows.select_related("security").order_by("id")
        return Success([holding_of(row) for row in in_order[:limit]])


def _telling(owner: UserId, account_id: AccountId | None, as_of: AsOf) -> QuerySet[StatementModel]:
    """Return of each account the statement that tells what it held."""
    where: dict[str, Any] = {"user_id": owner, "holdings_day__isnull": False}
    if account_id:
        where["account_id"] = account_id
    if as_of.day:
        where["holdings_day__lte"] = as_of.day
    rows = StatementModel.objects.filter(standing(as_of), **where)
    newest = rows.order_by("account_id", "-holdings_day", "-created_at", "-id")
    return newest.distinct("account_id")


def _values(holding: Holding) -> tuple[object, ...]:
    return (
        holding.id,
        holding.user_id,
        holding.account_id,
        holding.import_id,
        holding.statement_id,
        holding.security_id,
        holding.day,
        holding.quantity,
        holding.currency,
        holding.price,
        holding.value,
        holding.cost_basis,
        holding.line,
    )


def holding_of(row: HoldingModel) -> Holding:
    """Return a position as the domain knows it."""
    known = row.security
    return Holding(
        id=HoldingId(row.id),
        user_id=UserId(row.user_id),
        account_id=AccountId(row.account_id),
        import_id=ImportId(row.source_id),
        statement_id=StatementId(row.statement_id),
        security_id=SecurityId(row.security_id),
        security=Security(
            scheme=known.scheme, number=known.number, name=known.name, ticker=known.ticker
        ),
        day=row.day,
        quantity=row.quantity,
        currency=row.currency,
        price=row.price,
        value=row.value,
        cost_basis=row.cost_basis,
        line=row.line,
    )
