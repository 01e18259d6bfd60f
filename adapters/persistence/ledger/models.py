"""Tables of the ledger. Rows point only at rows of the same user (see `owned_reference`)."""

from django.db import models

from adapters.persistence.base import BusinessModel
from adapters.persistence.connections.models import ConnectionModel
from adapters.persistence.identity.models import UserModel


class _OwnedModel(BusinessModel):
    """A row that belongs to a user."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class AccountModel(_OwnedModel):
    """An account at an institution."""

    connection = models.ForeignKey(
        ConnectionModel, on_delete=models.CASCADE, db_constraint=False, related_name="accounts"
    )
    kind = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    institution = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=255)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_account"
        verbose_name = "account"
        constraints = [
            models.UniqueConstraint(fields=["id", "user"], name="ledger_account_owner"),
        ]


class AccountAliasModel(_OwnedModel):
    """A name that an institution has for an account; linking anew adds a name, not an account."""

    account = models.ForeignKey(
        AccountModel, on_delete=models.CASCADE, db_constraint=False, related_name="aliases"
    )
    institution = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)

    class Meta:
        db_table = "ledger_account_alias"
        verbose_name = "account alias"
        verbose_name_plural = "account aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "institution", "number", "currency"],
                name="ledger_account_alias_unique",
            ),
        ]


class ImportModel(_OwnedModel):
    """A file that was brought in, and what became of its rows."""

    file_name = models.CharField(max_length=255, blank=True)
    digest = models.BinaryField(max_length=32)
    size = models.BigIntegerField()
    format = models.CharField(max_length=16)
    imported_at = models.DateTimeField()
    statements = models.JSONField()
    quarantined = models.JSONField()

    class Meta:
        db_table = "ledger_import"
        verbose_name = "import"
        constraints = [models.UniqueConstraint(fields=["id", "user"], name="ledger_import_owner")]


class TransactionModel(_OwnedModel):
    """A movement on an account."""

    account = models.ForeignKey(
        AccountModel,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="transactions",
    )
    source = models.ForeignKey(
        ImportModel, on_delete=models.CASCADE, db_constraint=False, db_column="import_id"
    )
    fingerprint = models.BinaryField(max_length=32)
    occurrence = models.PositiveIntegerField()
    provider_id = models.CharField(max_length=255, null=True)
    booking_date = models.DateField()
    value_date = models.DateField(null=True)
    amount = models.DecimalField(max_digits=28, decimal_places=10)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=32)
    status = models.CharField(max_length=16)
    description = models.TextField(blank=True)
    original_currency = models.CharField(max_length=3, null=True)
    exchange_rate = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    line = models.PositiveIntegerField()
    raw = models.JSONField()

    class Meta:
        db_table = "ledger_transaction"
        verbose_name = "transaction"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fingerprint", "occurrence"], name="ledger_transaction_identity"
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "-booking_date", "-id"], name="ledger_transaction_newest"
            ),
            models.Index(
                fields=["account", "provider_id"],
                condition=models.Q(provider_id__isnull=False),
                name="ledger_transaction_provider_id",
            ),
        ]


class BalanceModel(_OwnedModel):
    """What an account held on a day."""

    account = models.ForeignKey(
        AccountModel,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="balances",
    )
    source = models.ForeignKey(
        ImportModel, on_delete=models.CASCADE, db_constraint=False, db_column="import_id"
    )
    kind = models.CharField(max_length=16)
    day = models.DateField()
    amount = models.DecimalField(max_digits=28, decimal_places=10)
    currency = models.CharField(max_length=3)

    class Meta:
        db_table = "ledger_balance"
        verbose_name = "balance"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "day", "currency", "amount"],
                name="ledger_balance_unique",
            ),
        ]
