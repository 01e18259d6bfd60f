"""What changes say: the rows that they are of, found by id and version."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from adapters.persistence.ledger.models import (
    AccountModel,
    BalanceModel,
    HoldingModel,
    TransactionModel,
    TransactionVersionModel,
)
from adapters.persistence.ledger.repositories.accounts import account_of
from adapters.persistence.ledger.repositories.balances import balance_of
from adapters.persistence.ledger.repositories.holdings import holding_of
from adapters.persistence.ledger.repositories.transactions import transaction_of
from domain.ledger.changes import Content
from domain.shared.ids import AccountId, UserId

Key: TypeAlias = tuple[UUID, int]
#: Of each change its account, when it was recorded, and what it says.
Told: TypeAlias = dict[Key, tuple[AccountId, datetime, Content]]


def accounts(keys: Sequence[Key], owner: UserId) -> Told:
    rows = AccountModel.objects.filter(user_id=owner, id__in=_ids(keys))
    return {(row.id, 1): (AccountId(row.id), row.created_at, account_of(row)) for row in rows}


def transactions(keys: Sequence[Key], owner: UserId) -> Told:
    # In this order: a row that is changed between the two has become a version by then.
    now = TransactionModel.objects.select_related("security").filter(
        user_id=owner, id__in=_ids(keys)
    )
    told: Told = {(row.id, row.version): _transaction(row) for row in now}
    gone = [key for key in keys if key not in told]
    if gone:
        then = TransactionVersionModel.objects.select_related("security").filter(
            user_id=owner,
            transaction_id__in=_ids(gone),
            version__in={version for _, version in gone},
        )
        told |= {(row.transaction_id, row.version): _transaction(row) for row in then}
    return told


def balances(keys: Sequence[Key], owner: UserId) -> Told:
    rows = BalanceModel.objects.filter(user_id=owner, id__in=_ids(keys)).select_related("source")
    return _stated_and_undone((row, balance_of(row)) for row in rows)


def holdings(keys: Sequence[Key], owner: UserId) -> Told:
    rows = HoldingModel.objects.filter(user_id=owner, id__in=_ids(keys))
    whole = rows.select_related("source", "security")
    return _stated_and_undone((row, holding_of(row)) for row in whole)


def _ids(keys: Sequence[Key]) -> set[UUID]:
    return {key for key, _ in keys}


def _transaction(
    row: TransactionModel | TransactionVersionModel,
) -> tuple[AccountId, datetime, Content]:
    return AccountId(row.account_id), row.recorded_at, transaction_of(row)


def _stated_and_undone(rows: Iterable[tuple[BalanceModel | HoldingModel, Content]]) -> Told:
    """Return what imports state as version 1, and that they were undone as version 2."""
    told: Told = {}
    for row, content in rows:
        account_id = AccountId(row.account_id)
        told[row.id, 1] = (account_id, row.created_at, content)
        told[row.id, 2] = (account_id, row.source.undone_at or row.created_at, content)
    return told
