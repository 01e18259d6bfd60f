"""Balances, holdings and the securities they are in: inserted, never changed."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Never, TypeAlias

from django.db import connection
from django.db.models import Q, QuerySet

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.columns import rows_of, texts_of
from adapters.persistence.ledger.models import (
    BalanceModel,
    HoldingModel,
    SecurityModel,
    StatementModel,
)
from adapters.persistence.mapping import entity_of
from domain.ledger.as_of import NOW, AsOf
from domain.ledger.entities import Account, Holding
from domain.ledger.imported import BalanceSnapshot
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
from domain.shared.money import Money
from domain.shared.pages import Cursor, Page
from domain.shared.result import Result, Success


def active(as_of: AsOf) -> Q:
    """Match what imports state that are not undone, now or at the moment asked about."""
    undone = Q(source__undone_at__isnull=False)
    if as_of.moment is None:
        return ~undone
    undone &= Q(source__undone_at__lte=as_of.moment)
    return Q(created_at__lte=as_of.moment) & ~undone


_BALANCE = {
    **dict.fromkeys(["id", "user_id", "account_id", "import_id"], "uuid"),
    "kind": "text",
    "day": "date",
    "amount": "numeric",
    "currency": "text",
}
_balance_values = attrgetter(
    "user_id", "account_id", "import_id", "kind", "day", "money.amount", "money.currency"
)
_INSERT_BALANCES = f"""
INSERT INTO ledger_balance ({", ".join(_BALANCE)}) {rows_of(_BALANCE)}
ON CONFLICT ON CONSTRAINT ledger_balance_unique DO NOTHING
"""


class DjangoBalanceRepository(UsesDatabase):
    """`BalanceRepository` on the Django ORM."""

    @in_database
    def add(self, snapshots: Sequence[BalanceSnapshot]) -> Result[int, Never]:
        if not snapshots:
            return Success(0)
        texts = texts_of(_BALANCE, [(new_id(), *_balance_values(each)) for each in snapshots])
        with connection.cursor() as cursor:
            cursor.execute(_INSERT_BALANCES, texts)
            return Success(cursor.rowcount)

    @in_database
    def page(
        self,
        account_id: AccountId,
        *,
        owner: UserId,
        after: Cursor | None,
        limit: int,
        as_of: AsOf = NOW,
    ) -> Result[Page[BalanceSnapshot], Never]:
        rows = _active_balances(owner, as_of).filter(account_id=account_id)
        if after:
            rows = rows.filter(day__lte=after.day)
        columns = ("day", "kind", "currency", "amount")
        once = rows.order_by(*columns, "id").distinct(*columns).values("pk")
        listed = BalanceModel.objects.filter(user_id=owner, pk__in=once)
        if after:
            listed = listed.exclude(day=after.day, id__gte=after.id)
        found = list(listed.order_by("-day", "-id")[: limit + 1])
        last = found[limit - 1] if len(found) > limit else None
        items = [balance_of(row) for row in found[:limit]]
        return Success(Page(items, Cursor(last.day, last.id) if last else None))


def _active_balances(owner: UserId, as_of: AsOf) -> QuerySet[BalanceModel]:
    rows = BalanceModel.objects.filter(active(as_of), user_id=owner)
    return rows if as_of.day is None else rows.filter(day__lte=as_of.day)


def balance_of(row: BalanceModel) -> BalanceSnapshot:
    """Return a balance as the domain knows it."""
    money = Money(row.amount, row.currency)
    return entity_of(BalanceSnapshot, row, import_id=row.source_id, money=money)


_HOLDING_IDS = ["id", "user_id", "account_id", "import_id", "statement_id", "security_id"]
_HOLDING = {
    **dict.fromkeys(_HOLDING_IDS, "uuid"),
    "day": "date",
    "quantity": "numeric",
    "currency": "text",
    **dict.fromkeys(["price", "value", "cost_basis"], "numeric"),
    "line": "int",
}
_holding_values = attrgetter(*_HOLDING)
_INSERT_HOLDINGS = f"INSERT INTO ledger_holding ({', '.join(_HOLDING)}) {rows_of(_HOLDING)}"


class DjangoHoldingRepository(UsesDatabase):
    """`HoldingRepository` on the Django ORM."""

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
        ids = upsert_securities(account.user_id, [stated.security for stated in holdings])
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
            texts = texts_of(_HOLDING, [_holding_values(row) for row in rows])
            cursor.execute(_INSERT_HOLDINGS, texts)
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
        # The latest statement of each account. Not joined: the planner takes a table that has just
        # grown for a small one.
        latest = list(_latest_statements(owner, account_id, as_of).values_list("id", flat=True))
        rows = HoldingModel.objects.filter(user_id=owner, statement_id__in=latest)
        if after:
            rows = rows.filter(id__gt=after)
        in_order = rows.select_related("security").order_by("id")
        return Success([holding_of(row) for row in in_order[:limit]])


def _latest_statements(
    owner: UserId, account_id: AccountId | None, as_of: AsOf
) -> QuerySet[StatementModel]:
    """Return the latest active statement of each account that lists holdings."""
    where: dict[str, Any] = {"user_id": owner, "holdings_day__isnull": False}
    if account_id:
        where["account_id"] = account_id
    if as_of.day:
        where["holdings_day__lte"] = as_of.day
    rows = StatementModel.objects.filter(active(as_of), **where)
    newest = rows.order_by("account_id", "-holdings_day", "-created_at", "-id")
    return newest.distinct("account_id")


def holding_of(row: HoldingModel) -> Holding:
    """Return a holding as the domain knows it."""
    security = security_of(row.security)
    return entity_of(Holding, row, import_id=row.source_id, security=security)


Securities: TypeAlias = Mapping[tuple[str, str], SecurityId]

_SECURITY = {
    "user_id": "uuid",
    "scheme": "text",
    "number": "text",
    "name": "text",
    "ticker": "text",
}
_SECURITY_KEY = {"scheme": "text", "number": "text"}
# In the order of their numbers, so that two imports of the same securities cannot deadlock.
_UPSERT_SECURITIES = f"""
INSERT INTO ledger_security AS known (id, {", ".join(_SECURITY)})
SELECT uuidv7(), stated.* FROM {rows_of(_SECURITY)} AS stated ORDER BY scheme, number
ON CONFLICT ON CONSTRAINT ledger_security_number DO UPDATE SET
    name = coalesce(nullif(excluded.name, ''), known.name),
    ticker = coalesce(nullif(excluded.ticker, ''), known.ticker)
WHERE excluded.name NOT IN ('', known.name) OR excluded.ticker NOT IN ('', known.ticker)
"""  # noqa: S608
_FIND_SECURITIES = f"""
SELECT scheme, number, id FROM ledger_security
JOIN {rows_of(_SECURITY_KEY)} AS stated USING (scheme, number) WHERE user_id = %(owner)s
"""  # noqa: S608


def upsert_securities(owner: UserId, securities: Iterable[Security]) -> Securities:
    """Insert securities, update names and tickers that are stated now, and return all ids."""
    stated = _merged(securities)
    if not stated:
        return {}
    with connection.cursor() as cursor:
        rows = [(owner, *key, *stated[key]) for key in stated]
        cursor.execute(_UPSERT_SECURITIES, texts_of(_SECURITY, rows))
        cursor.execute(_FIND_SECURITIES, {"owner": owner, **texts_of(_SECURITY_KEY, list(stated))})
        return {(scheme, number): SecurityId(known) for scheme, number, known in cursor}


def security_key(security: Security) -> tuple[str, str]:
    """Return the key of a security within its user's data."""
    return security.scheme, security.number


def security_of(row: SecurityModel) -> Security:
    return entity_of(Security, row)


def _merged(securities: Iterable[Security]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the name and ticker of each, as stated last."""
    stated: dict[tuple[str, str], tuple[str, str]] = {}
    for each in securities:
        name, ticker = stated.get(security_key(each), ("", ""))
        stated[security_key(each)] = (each.name or name, each.ticker or ticker)
    return stated
