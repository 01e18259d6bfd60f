"""Tables of the ledger. Rows point only at rows of the same user (see `owned_reference`)."""

from django.contrib.postgres.functions import TransactionNow
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


class FileModel(_OwnedModel):
    """The bytes of a file, sealed (`adapters.security.envelope`)."""

    digest = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=63)

    class Meta:
        db_table = "ledger_file"
        verbose_name = "file"
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="ledger_file_digest"),
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
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_import"
        verbose_name = "import"
        constraints = [models.UniqueConstraint(fields=["id", "user"], name="ledger_import_owner")]


class _StatedModel(_OwnedModel):
    """A row of a statement as it was stated, under its identity."""

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
        abstract = True


class _LedgerModel(_StatedModel):
    """A transaction in one of its versions. `source` is the import that says so."""

    account = models.ForeignKey(
        AccountModel,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    source = models.ForeignKey(
        ImportModel,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_column="import_id",
        related_name="+",
    )
    note = models.TextField(blank=True, db_default="")
    category = models.CharField(max_length=255, blank=True, db_default="")
    removal = models.CharField(max_length=16, null=True)
    version = models.PositiveIntegerField(db_default=1)
    recorded_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        abstract = True


class TransactionModel(_LedgerModel):
    """A movement on an account, as it stands. It is never deleted: `removal` takes it out."""

    class Meta:
        db_table = "ledger_transaction"
        verbose_name = "transaction"
        constraints = [
            # What was undone leaves its identity to whoever has it next.
            models.UniqueConstraint(
                fields=["account", "fingerprint", "occurrence"],
                condition=models.Q(removal__isnull=True) | models.Q(removal="deleted"),
                name="ledger_transaction_identity",
            ),
            models.UniqueConstraint(fields=["id", "user"], name="ledger_transaction_owner"),
        ]
        indexes = [
            models.Index(
                fields=["account", "-booking_date", "-id"],
                condition=models.Q(removal__isnull=True),
                name="ledger_transaction_newest",
            ),
            models.Index(
                fields=["account", "provider_id"],
                condition=models.Q(provider_id__isnull=False),
                name="ledger_transaction_provider_id",
            ),
            models.Index(
                fields=["account"],
                condition=models.Q(status="pending"),
                name="ledger_transaction_pending",
            ),
            models.Index(fields=["account", "fingerprint"], name="ledger_transaction_fingerprint"),
        ]


class TransactionVersionModel(_LedgerModel):
    """What a transaction was, until it was changed: written by a trigger."""

    transaction = models.ForeignKey(
        TransactionModel, on_delete=models.CASCADE, db_constraint=False, related_name="versions"
    )
    superseded_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_transaction_version"
        verbose_name = "transaction version"


class StageModel(_StatedModel):
    """A transaction at a stage that it is not at: pending, where it is booked by now."""

    account = models.ForeignKey(
        AccountModel,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    transaction = models.ForeignKey(
        TransactionModel, on_delete=models.CASCADE, db_constraint=False, related_name="stages"
    )

    class Meta:
        db_table = "ledger_stage"
        verbose_name = "stage"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fingerprint", "occurrence"], name="ledger_stage_identity"
            ),
        ]


class SightingModel(_OwnedModel):
    """One row of an import: which transaction it is."""

    source = models.ForeignKey(
        ImportModel,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_column="import_id",
        related_name="sightings",
    )
    transaction = models.ForeignKey(
        TransactionModel, on_delete=models.CASCADE, db_constraint=False, related_name="sightings"
    )
    fingerprint = models.BinaryField(max_length=32)
    occurrence = models.PositiveIntegerField()
    verdict = models.CharField(max_length=16)
    line = models.PositiveIntegerField()
    undone = models.BooleanField(db_default=False)

    class Meta:
        db_table = "ledger_sighting"
        verbose_name = "sighting"


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
                fields=["account", "kind", "day", "currency", "amount", "source"],
                name="ledger_balance_unique",
            ),
        ]
