"""Transactions in all their stages and versions, and the rows that state them."""

from django.db import models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.ledger.models.accounts import AccountModel
from adapters.persistence.ledger.models.holdings import SecurityModel
from adapters.persistence.ledger.models.imports import ImportModel
from adapters.persistence.ledger.models.owned import FeedPosition, Moment, PartModel


class StatedModel(PartModel):
    """A row of a statement as it was stated, under its identity.

    Whatever is written to transactions and stages takes its columns from here (`STATED`).
    """

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
    security = OwnedForeignKey(SecurityModel, null=True)
    quantity = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    unit_price = models.DecimalField(max_digits=28, decimal_places=10, null=True)

    class Meta:
        abstract = True


class LedgerModel(StatedModel):
    """A transaction in one of its versions. `source` is the import that says so."""

    account = OwnedForeignKey(AccountModel)
    source = OwnedForeignKey(ImportModel, db_column="import_id")
    note = models.TextField(blank=True, db_default="")
    category = models.CharField(max_length=255, blank=True, db_default="")
    removal = models.CharField(max_length=16, null=True)
    version = models.PositiveIntegerField(db_default=1)
    recorded_at = models.DateTimeField(db_default=Moment())
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        abstract = True


def _columns_of(model: type[models.Model], beyond: type[models.Model]) -> tuple[str, ...]:
    """Return the columns that an abstract model has beyond those of what it is made of."""
    before = {field.name for field in beyond._meta.local_fields}
    return tuple(
        str(field.column) for field in model._meta.local_fields if field.name not in before
    )


#: What a row of a statement states.
STATED = _columns_of(StatedModel, PartModel)
#: What a version of a transaction keeps: all that the transaction was.
KEPT = ("user_id", *_columns_of(LedgerModel, PartModel))


class TransactionModel(LedgerModel):
    """A movement on an account, as it stands. It is never deleted: `removal` takes it out."""

    class Meta:
        db_table = "ledger_transaction"
        verbose_name = "transaction"
        constraints = [
            # What was undone leaves its identity to whoever has it next.
            models.UniqueConstraint(
                fields=["user", "account", "fingerprint", "occurrence"],
                condition=models.Q(removal__isnull=True) | models.Q(removal="deleted"),
                name="ledger_transaction_key",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "source"], name="ledger_transaction_import"),
            models.Index(
                fields=["user", "account", "-booking_date", "-id"],
                condition=models.Q(removal__isnull=True),
                name="ledger_transaction_newest",
            ),
            models.Index(
                fields=["user", "account", "provider_id"],
                condition=models.Q(provider_id__isnull=False),
                name="ledger_transaction_provider_id",
            ),
            models.Index(
                fields=["user", "account"],
                condition=models.Q(status="pending"),
                name="ledger_transaction_pending",
            ),
            models.Index(
                fields=["user", "account", "fingerprint"],
                condition=models.Q(removal="undone"),
                name="ledger_transaction_undone",
            ),
            models.Index(fields=["user", "feed_position", "id"], name="ledger_transaction_feed"),
        ]


class TransactionVersionModel(LedgerModel):
    """What a transaction was, until it was changed: written by a trigger."""

    transaction = OwnedForeignKey(TransactionModel, related_name="versions")
    superseded_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_transaction_version"
        verbose_name = "transaction version"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "transaction", "version"], name="ledger_version_number"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "source"], name="ledger_version_import"),
            models.Index(
                fields=["user", "account", "-booking_date", "-transaction"],
                name="ledger_version_newest",
            ),
            models.Index(
                fields=["user", "feed_position", "transaction"], name="ledger_version_feed"
            ),
        ]


class PriorStateModel(StatedModel):
    """A transaction at a stage that it is not at: pending, where it is booked by now."""

    account = OwnedForeignKey(AccountModel)
    transaction = OwnedForeignKey(TransactionModel, related_name="prior_states")

    class Meta:
        db_table = "ledger_prior_state"
        verbose_name = "prior state"
        indexes = [
            models.Index(fields=["user", "transaction"], name="ledger_prior_state_transaction"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "account", "fingerprint", "occurrence"],
                name="ledger_prior_state_key",
            ),
        ]


class ImportedRowModel(PartModel):
    """One row of an import: which transaction it is. `place` is its statement's in the file."""

    source = OwnedForeignKey(ImportModel, db_column="import_id", related_name="imported_rows")
    transaction = OwnedForeignKey(TransactionModel, related_name="imported_rows")
    fingerprint = models.BinaryField(max_length=32)
    occurrence = models.PositiveIntegerField()
    result = models.CharField(max_length=16)
    place = models.PositiveIntegerField(db_default=1)
    line = models.PositiveIntegerField()
    undone = models.BooleanField(db_default=False)

    class Meta:
        db_table = "ledger_imported_row"
        verbose_name = "imported row"
        indexes = [
            models.Index(fields=["user", "transaction"], name="ledger_row_transaction"),
            models.Index(fields=["user", "source", "line", "id"], name="ledger_row_order"),
        ]


class TransferModel(PartModel):
    """Two transactions of one user's accounts that are one movement, or that are said not to be."""

    outgoing = OwnedForeignKey(TransactionModel)
    incoming = OwnedForeignKey(TransactionModel)
    decision = models.CharField(max_length=16)
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_transfer"
        verbose_name = "transfer"
        indexes = [
            models.Index(fields=["user", "incoming"], name="ledger_transfer_into"),
            models.Index(fields=["user", "decision"], name="ledger_transfer_decided"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "outgoing", "incoming"], name="ledger_transfer_pair"
            ),
            models.UniqueConstraint(
                fields=["user", "outgoing"],
                condition=models.Q(decision="confirmed"),
                name="ledger_transfer_outgoing",
            ),
            models.UniqueConstraint(
                fields=["user", "incoming"],
                condition=models.Q(decision="confirmed"),
                name="ledger_transfer_incoming",
            ),
        ]
