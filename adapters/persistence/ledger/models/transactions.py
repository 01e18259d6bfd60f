"""Balances, holdings, transactions with their versions, and the imported rows behind them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.ledger.models.imports import (
    TAGS,
    AccountModel,
    FeedPosition,
    ImportModel,
    Moment,
    OwnedModel,
    PartModel,
    StatementModel,
)


class BalanceModel(OwnedModel):
    """The balance of an account on a day."""

    account = OwnedForeignKey(AccountModel, related_name="balances")
    source = OwnedForeignKey(ImportModel, db_column="import_id")
    kind = models.CharField(max_length=16)
    day = models.DateField()
    amount = models.DecimalField(max_digits=28, decimal_places=10)
    currency = models.CharField(max_length=3)
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        db_table = "ledger_balance"
        verbose_name = "balance"
        indexes = [
            models.Index(fields=["user", "source"], name="ledger_balance_import"),
            models.Index(fields=["user", "feed_position", "id"], name="ledger_balance_feed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "account", "kind", "day", "currency", "amount", "source"],
                name="ledger_balance_unique",
            ),
        ]


class SecurityModel(OwnedModel):
    """A security as a user's statements name it: ISIN, CUSIP or a scheme of the broker's."""

    scheme = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    ticker = models.CharField(max_length=255, blank=True)

    class Meta:
        db_table = "ledger_security"
        verbose_name = "security"
        verbose_name_plural = "securities"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "scheme", "number"], name="ledger_security_number"
            ),
        ]


class HoldingModel(PartModel):
    """A position as a statement lists it. Price, value and cost basis are in `currency`."""

    account = OwnedForeignKey(AccountModel)
    source = OwnedForeignKey(ImportModel, db_column="import_id")
    statement = OwnedForeignKey(StatementModel, related_name="holdings")
    security = OwnedForeignKey(SecurityModel)
    day = models.DateField()
    quantity = models.DecimalField(max_digits=28, decimal_places=10)
    currency = models.CharField(max_length=3)
    price = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    value = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    cost_basis = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    line = models.PositiveIntegerField()
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        db_table = "ledger_holding"
        verbose_name = "holding"
        indexes = [
            models.Index(fields=["user", "source"], name="ledger_holding_import"),
            models.Index(fields=["user", "statement"], name="ledger_holding_statement"),
            models.Index(fields=["user", "account", "-day"], name="ledger_holding_newest"),
            models.Index(fields=["user", "feed_position", "id"], name="ledger_holding_feed"),
        ]


class StatedModel(PartModel):
    """A row of a statement as the bank stated it, under its key.

    All SQL that writes transactions and prior states takes its columns from here (`STATED`).
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
    payee = models.TextField(blank=True, db_default="")
    counterparty_account = models.TextField(blank=True, db_default="")
    reference = models.TextField(blank=True, db_default="")
    memo = models.TextField(blank=True, db_default="")
    balance = models.DecimalField(max_digits=28, decimal_places=10, null=True)
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
    """One version of a transaction. `source` is the import it was posted from."""

    account = OwnedForeignKey(AccountModel)
    source = OwnedForeignKey(ImportModel, db_column="import_id")
    note = models.TextField(blank=True, db_default="")
    category = models.CharField(max_length=255, blank=True, db_default="")
    category_id = models.UUIDField(null=True)
    category_source = models.CharField(max_length=16, null=True)
    tags = ArrayField(models.CharField(max_length=40), db_default=models.Value([], TAGS))
    tags_source = models.CharField(max_length=16, null=True)
    splits = models.JSONField(db_default=models.Value([], models.JSONField()))
    payee_name = models.CharField(max_length=255, blank=True, db_default="")
    removal = models.CharField(max_length=16, null=True)
    version = models.PositiveIntegerField(db_default=1)
    recorded_at = models.DateTimeField(db_default=Moment())
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        abstract = True


def _columns_of(model: type[models.Model], beyond: type[models.Model]) -> tuple[str, ...]:
    """Return the columns that an abstract model adds to those of its base."""
    before = {field.name for field in beyond._meta.local_fields}
    return tuple(
        str(field.column) for field in model._meta.local_fields if field.name not in before
    )


#: The columns that a row of a statement fills.
STATED = _columns_of(StatedModel, PartModel)
#: The columns that a version copies from its transaction.
KEPT = ("user_id", *_columns_of(LedgerModel, PartModel))


class TransactionModel(LedgerModel):
    """The current version of a transaction. It is never deleted: `removal` hides it."""

    class Meta:
        db_table = "ledger_transaction"
        verbose_name = "transaction"
        constraints = [
            # The key of an undone transaction is free for another one.
            models.UniqueConstraint(
                fields=["user", "account", "fingerprint", "occurrence"],
                # In the form in which a restored database says it too.
                condition=models.Q(removal__isnull=True)
                | models.Q(removal="deleted")
                | models.Q(removal="expired"),
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
                fields=["user", "-booking_date", "-id"],
                condition=models.Q(removal__isnull=True),
                name="ledger_transaction_days",
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
            # What balances are derived from: read without the rows themselves.
            models.Index(
                fields=["user", "account", "currency", "booking_date"],
                include=["amount"],
                condition=models.Q(status="posted", removal__isnull=True),
                name="ledger_transaction_booked",
            ),
            models.Index(
                fields=["user", "-booking_date", "-id"],
                condition=models.Q(removal="deleted"),
                name="ledger_transaction_deleted",
            ),
            models.Index(
                fields=["user", "category_id"],
                condition=models.Q(category_id__isnull=False),
                name="ledger_transaction_category",
            ),
            models.Index(
                fields=["user", "id"],
                condition=~models.Q(splits=[]),
                name="ledger_transaction_split",
            ),
            models.Index(
                fields=["user", "-booking_date", "-id"],
                condition=models.Q(removal__isnull=True) & ~models.Q(tags=[]),
                name="ledger_transaction_tagged",
            ),
        ]


class TransactionVersionModel(LedgerModel):
    """A transaction as it was before a change. A trigger writes it."""

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
    """Another state in which imports have shown a transaction: pending, when it is booked now."""

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


class ImportedRowsModel(PartModel):
    """Up to some thousand rows of one statement of an import, and their transactions.

    `place` is the position of the statement, and `states` are the states of the transactions that
    the rows state (`imported_rows.state_of`). The arrays and `results` have one element a row.
    """

    account = OwnedForeignKey(AccountModel)
    source = OwnedForeignKey(ImportModel, db_column="import_id", related_name="imported_rows")
    place = models.PositiveIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    first_line = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    transaction_ids = ArrayField(models.UUIDField())
    states = ArrayField(models.IntegerField())
    lines = ArrayField(models.IntegerField())
    results = models.TextField()
    undone = models.BooleanField(db_default=False)

    class Meta:
        db_table = "ledger_imported_rows"
        verbose_name = "imported rows"
        verbose_name_plural = "imported rows"
        indexes = [
            models.Index(fields=["user", "source"], name="ledger_rows_import"),
            # The latest days are needed most, and few statements end after them.
            models.Index(fields=["user", "account", "last_day"], name="ledger_rows_days"),
        ]


class TransferModel(PartModel):
    """Two transactions of one user that are one transfer, or that the user said are not."""

    outgoing = OwnedForeignKey(TransactionModel)
    incoming = OwnedForeignKey(TransactionModel)
    decision = models.CharField(max_length=16)
    decided_at = models.DateTimeField()
    outgoing_amount = models.DecimalField(max_digits=28, decimal_places=10)
    incoming_amount = models.DecimalField(max_digits=28, decimal_places=10)

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


class MatchModel(PartModel):
    """Two transactions that may be the same, and what the user has decided.

    An import added the one, and suggested that it may be the existing one.
    """

    added = OwnedForeignKey(TransactionModel)
    existing = OwnedForeignKey(TransactionModel)
    status = models.CharField(max_length=16)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_match"
        verbose_name = "match"
        verbose_name_plural = "matches"
        indexes = [
            models.Index(fields=["user", "existing"], name="ledger_match_existing"),
            models.Index(fields=["user", "status", "-id"], name="ledger_match_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "added", "existing"], name="ledger_match_pair"),
        ]
