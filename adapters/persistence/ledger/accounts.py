"""Accounts, and the numbers that institutions use for them."""

from collections.abc import Collection, Sequence
from typing import Never

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.insert import insert_unless_taken
from adapters.persistence.ledger.models import AccountAliasModel, AccountModel
from adapters.persistence.mapping import columns_of, entity_of
from domain.ledger.account_numbers import key_of, reference_by
from domain.ledger.entities import Account, AccountAlias
from domain.ledger.errors import AccountExists, AccountNotFound
from domain.ledger.values import AccountReference
from domain.shared.ids import AccountId, UserId
from domain.shared.result import Failure, Result, Success

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class DjangoAccountRepository(UsesDatabase):
    """`AccountRepository` on the Django ORM."""

    @in_database
    def get(self, account_id: AccountId, *, owner: UserId) -> Result[Account, AccountNotFound]:
        return _found(AccountModel.objects.filter(id=account_id, user_id=owner).first())

    @in_database
    def find(
        self, reference: AccountReference, *, owner: UserId
    ) -> Result[Account, AccountNotFound]:
        key = key_of(reference)
        alias = (
            AccountAliasModel.objects.filter(
                user_id=owner,
                institution=key.institution,
                number=key.number,
                currency=reference.currency,
            )
            .select_related("account")
            .first()
        )
        return _found(alias.account if alias else None)

    @in_database
    def all(self, *, owner: UserId) -> Result[Sequence[Account], Never]:
        return Success(
            [account_of(row) for row in AccountModel.objects.filter(user_id=owner).order_by("id")]
        )

    @in_database
    def count(self, *, owner: UserId) -> Result[int, Never]:
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME, [f"accounts of {owner}"])
        return Success(AccountModel.objects.filter(user_id=owner).count())

    @in_database
    def add(
        self, account: Account, reference: AccountReference | None = None
    ) -> Result[None, AccountExists]:
        # The alias decides. Its reference to the account is checked at the commit.
        if not _insert_alias(account, reference or account.reference):
            return Failure(AccountExists("There is already an account with this number."))
        AccountModel.objects.create(**columns_of(account))
        return Success(None)

    @in_database
    def add_alias(self, account: Account, reference: AccountReference) -> Result[None, Never]:
        _insert_alias(account, reference)
        return Success(None)

    @in_database
    def aliases(self, *, owner: UserId) -> Result[Sequence[AccountAlias], Never]:
        rows = AccountAliasModel.objects.filter(user_id=owner).select_related("account")
        return Success([_alias(row) for row in rows.order_by("id")])

    @in_database
    def lock(self, account_ids: Collection[AccountId], *, owner: UserId) -> Result[None, Never]:
        # Locked in the order of ids, so that two imports of the same accounts cannot deadlock.
        rows = AccountModel.objects.filter(id__in=account_ids, user_id=owner).order_by("id")
        list(rows.select_for_update(no_key=True).values_list("id"))
        return Success(None)


def _insert_alias(account: Account, reference: AccountReference) -> bool:
    key = key_of(reference)
    alias = AccountAliasModel(
        user_id=account.user_id,
        account_id=account.id,
        institution=key.institution,
        number=key.number,
        currency=account.currency,
    )
    return insert_unless_taken(alias, "ledger_account_alias_unique")


def _alias(row: AccountAliasModel) -> AccountAlias:
    account = account_of(row.account)
    reference = reference_by(account.reference, institution=row.institution, number=row.number)
    return AccountAlias(account=account, reference=reference)


def _found(row: AccountModel | None) -> Result[Account, AccountNotFound]:
    return Success(account_of(row)) if row else Failure(AccountNotFound())


def account_of(row: AccountModel) -> Account:
    """Return the account of a row."""
    return entity_of(Account, row)
