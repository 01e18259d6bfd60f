"""Accounts, and the numbers that institutions use for them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter
from types import SimpleNamespace
from typing import Never

from django.db import connection
from django.db.models import QuerySet

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.insert import insert_unless_taken
from adapters.persistence.ledger.models import (
    AccountAliasModel,
    AccountModel,
    AccountVersionModel,
)
from adapters.persistence.mapping import columns_of, entity_of
from domain.ledger.account_numbers import key_of, reference_by
from domain.ledger.accounts import AccountContents, AccountRemoval
from domain.ledger.entities import Account, AccountAlias
from domain.ledger.errors import AccountExists, AccountNotFound
from domain.ledger.values import AccountReference
from domain.shared.errors import ConcurrencyConflict
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
#: What is never changed: by these columns statements find the account.
_FIXED = (
    *("id", "user_id", "connection_id", "currency", "institution", "routing_number", "number"),
    *("added_at", "version"),
)
_OF_ACCOUNT = "user_id = %(owner)s AND account_id = %(account)s"
_OF_ACTIVE = """
SELECT FROM {table} stated JOIN ledger_import source
    ON source.user_id = stated.user_id AND source.id = stated.import_id
WHERE stated.user_id = %(owner)s AND stated.account_id = %(account)s
AND source.user_id = %(owner)s AND source.undone_at IS NULL
"""
_CONTENTS = f"""
SELECT EXISTS (SELECT FROM ledger_transaction WHERE {_OF_ACCOUNT} AND removal IS NULL),
    EXISTS ({_OF_ACTIVE.format(table="ledger_balance")}),
    EXISTS ({_OF_ACTIVE.format(table="ledger_holding")}),
    EXISTS ({_OF_ACTIVE.format(table="ledger_statement")})
"""  # noqa: S608


class DjangoAccountRepository(UsesDatabase):
    """`AccountRepository` on the Django ORM."""

    @in_database
    def get(
        self, account_id: AccountId, *, owner: UserId, moment: datetime | None = None
    ) -> Result[Account, AccountNotFound]:
        for each in _known_at(moment, owner) if moment else ():
            if each.id == account_id:
                return Success(each)
        return _found(_present(owner).filter(id=account_id).first())

    @in_database
    def find(
        self, reference: AccountReference, *, owner: UserId
    ) -> Result[Account, AccountNotFound]:
        key = key_of(reference)
        alias = (
            AccountAliasModel.objects.filter(
                user_id=owner,
                account__removal__isnull=True,
                institution=key.institution,
                number=key.number,
                currency=reference.currency,
            )
            .select_related("account")
            .first()
        )
        return _found(alias.account if alias else None)

    @in_database
    def all(
        self, *, owner: UserId, moment: datetime | None = None
    ) -> Result[Sequence[Account], Never]:
        if moment:
            return Success(_known_at(moment, owner))
        return Success([account_of(row) for row in _present(owner).order_by("id")])

    @in_database
    def count(self, *, owner: UserId) -> Result[int, Never]:
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME, [f"accounts of {owner}"])
        return Success(_present(owner).count())

    @in_database
    def add(
        self, account: Account, reference: AccountReference | None = None
    ) -> Result[None, AccountExists]:
        # The alias decides. Its reference to the account is checked at the commit.
        reference = reference or account.reference
        if reference.number and not _insert_alias(account, reference):
            return Failure(AccountExists("There is already an account with this number."))
        AccountModel.objects.create(**columns_of(account))
        return Success(None)

    @in_database
    def update(self, account: Account) -> Result[None, Never]:
        rows = AccountModel.objects.filter(id=account.id, user_id=account.user_id)
        rows.update(**columns_of(account, except_for=_FIXED))
        return Success(None)

    @in_database
    def remove(self, account: Account, removal: AccountRemoval) -> Result[None, Never]:
        rows = AccountModel.objects.filter(id=account.id, user_id=account.user_id)
        rows.update(removal=removal)
        return Success(None)

    @in_database
    def contents(self, account_id: AccountId, *, owner: UserId) -> Result[AccountContents, Never]:
        with connection.cursor() as cursor:
            cursor.execute(_CONTENTS, {"owner": owner, "account": account_id})
            transactions, balances, holdings, statements = cursor.fetchone()
        return Success(
            AccountContents(
                transactions=transactions,
                balances=balances,
                holdings=holdings,
                statements=statements,
            )
        )

    @in_database
    def add_alias(self, account: Account, reference: AccountReference) -> Result[None, Never]:
        _insert_alias(account, reference)
        return Success(None)

    @in_database
    def aliases(self, *, owner: UserId) -> Result[Sequence[AccountAlias], Never]:
        rows = AccountAliasModel.objects.filter(user_id=owner, account__removal__isnull=True)
        rows = rows.select_related("account")
        return Success([_alias(row) for row in rows.order_by("id")])

    @in_database
    def lock(self, account_ids: Collection[AccountId], *, owner: UserId) -> Result[None, Never]:
        # Locked in the order of ids, so that two imports of the same accounts cannot deadlock.
        rows = AccountModel.objects.filter(id__in=account_ids, user_id=owner).order_by("id")
        locked = rows.select_for_update(no_key=True).values_list("removal", flat=True)
        if any(removal is not None for removal in locked):
            raise ConcurrencyConflict("an account was removed meanwhile")
        return Success(None)


def _present(owner: UserId) -> QuerySet[AccountModel]:
    return AccountModel.objects.filter(user_id=owner, removal__isnull=True)


def _known_at(moment: datetime, owner: UserId) -> list[Account]:
    """Return the accounts that were there at a moment, as they were."""
    present = _present(owner).filter(recorded_at__lte=moment)
    former = AccountVersionModel.objects.filter(
        user_id=owner, removal__isnull=True, recorded_at__lte=moment, superseded_at__gt=moment
    )
    found = [*map(account_of, present), *map(former_account_of, former)]
    return sorted(found, key=attrgetter("id"))


def _insert_alias(account: Account, reference: AccountReference) -> bool:
    key = key_of(reference)
    columns = {
        "user_id": account.user_id,
        "institution": key.institution,
        "number": key.number,
        "currency": account.currency,
    }
    alias = AccountAliasModel(account_id=account.id, **columns)
    if insert_unless_taken(alias, "ledger_account_alias_unique"):
        return True
    # A removed account needs it no more.
    freed = AccountAliasModel.objects.filter(account__removal__isnull=False, **columns).first()
    if freed:
        rows = AccountAliasModel.objects.filter(id=freed.id, user_id=account.user_id)
        rows.update(account_id=account.id)
    return freed is not None


def _alias(row: AccountAliasModel) -> AccountAlias:
    account = account_of(row.account)
    reference = reference_by(account.reference, institution=row.institution, number=row.number)
    return AccountAlias(account=account, reference=reference)


def _found(row: AccountModel | None) -> Result[Account, AccountNotFound]:
    return Success(account_of(row)) if row else Failure(AccountNotFound())


def account_of(row: AccountModel | SimpleNamespace) -> Account:
    """Return the account of a row."""
    return entity_of(Account, row)


def former_account_of(row: AccountVersionModel | SimpleNamespace) -> Account:
    """Return an account as it was."""
    return entity_of(Account, row, id=AccountId(row.account_id))
