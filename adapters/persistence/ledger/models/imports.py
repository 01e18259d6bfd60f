"""Accounts, files, imports and statements. Rows refer only to rows of the same user."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adapters.persistence.base import BusinessModel, OwnedForeignKey, OwnedOneToOneField
from adapters.persistence.connections.models import ConnectionModel
from adapters.persistence.identity.models import UserModel

TAGS = ArrayField(models.CharField(max_length=40))


class OwnedModel(BusinessModel):
    """A row that belongs to a user."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")

    class Meta:
        abstract = True


class PartModel(BusinessModel):
    """A row of something that belongs to a user. Its references make sure it is the same user."""

    user = models.ForeignKey(
        UserModel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        abstract = True


class Moment(models.Func):
    """The time of the current transaction's first write: all that it writes has this time."""

    function = "ledger_moment"
    output_field = models.DateTimeField()


class FeedPosition(models.Func):
    """The current transaction's number: greater than that of any that ended before it began."""

    function = "guard.transaction_number"
    output_field = models.BigIntegerField()


class VersionedAccountModel(OwnedModel):
    """One version of an account. `removal` says that it is not in the ledger any more."""

    connection = OwnedForeignKey(ConnectionModel)
    kind = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    institution = models.CharField(max_length=255, blank=True)
    routing_number = models.CharField(max_length=255, blank=True, db_default="")
    number = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=255)
    added_at = models.DateTimeField()
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    hidden = models.BooleanField(db_default=False)
    removal = models.CharField(max_length=16, null=True)
    version = models.PositiveIntegerField(db_default=1)
    recorded_at = models.DateTimeField(db_default=Moment())
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        abstract = True


#: The columns that a version copies from its account.
ACCOUNT_KEPT = (
    "user_id",
    *(
        str(field.column)
        for field in VersionedAccountModel._meta.local_fields
        if field.name not in {each.name for each in OwnedModel._meta.local_fields}
    ),
)


class AccountModel(VersionedAccountModel):
    """The current version of an account. It is never deleted: `removal` hides it."""

    class Meta:
        db_table = "ledger_account"
        verbose_name = "account"
        indexes = [
            models.Index(fields=["user", "connection"], name="ledger_account_connection"),
            models.Index(fields=["user", "feed_position", "id"], name="ledger_account_feed"),
        ]


class AccountVersionModel(VersionedAccountModel):
    """An account as it was before a change. A trigger writes it."""

    account = OwnedForeignKey(AccountModel, related_name="versions")
    superseded_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_account_version"
        verbose_name = "account version"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "account", "version"], name="ledger_account_version_number"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "connection"], name="ledger_account_version_link"),
            models.Index(
                fields=["user", "feed_position", "account"], name="ledger_account_version_feed"
            ),
        ]


class AccountAliasModel(OwnedModel):
    """A number an institution uses for an account; linking again adds an alias, not an account."""

    account = OwnedForeignKey(AccountModel, related_name="aliases")
    institution = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)

    class Meta:
        db_table = "ledger_account_alias"
        verbose_name = "account alias"
        verbose_name_plural = "account aliases"
        indexes = [
            models.Index(fields=["user", "account"], name="ledger_account_alias_account"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "institution", "number", "currency"],
                name="ledger_account_alias_unique",
            ),
        ]


class AccountMergeModel(OwnedModel):
    """A merge of two accounts. `imports` were undone and made again, in order, as `repeated`."""

    account = OwnedForeignKey(AccountModel, related_name="merges")
    merged = OwnedForeignKey(AccountModel, related_name="+")
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    imports = ArrayField(models.UUIDField())
    repeated = ArrayField(models.UUIDField())
    rows = models.JSONField()
    transactions = ArrayField(models.UUIDField())
    aliases = ArrayField(models.UUIDField())
    annotated = models.JSONField()

    class Meta:
        db_table = "ledger_account_merge"
        verbose_name = "merge of accounts"
        verbose_name_plural = "merges of accounts"
        indexes = [
            models.Index(fields=["user", "account"], name="ledger_account_merge_into"),
            models.Index(fields=["user", "merged"], name="ledger_account_merge_of"),
        ]


class FileModel(OwnedModel):
    """The content of a file, encrypted (`adapters.security.envelope`)."""

    digest = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=63)

    class Meta:
        db_table = "ledger_file"
        verbose_name = "file"
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="ledger_file_digest"),
        ]


class ImportModel(OwnedModel):
    """An imported file, and what became of its rows."""

    file_name = models.CharField(max_length=255, blank=True)
    digest = models.BinaryField(max_length=32)
    size = models.BigIntegerField()
    format = models.CharField(max_length=16)
    imported_at = models.DateTimeField()
    quarantined = models.JSONField()
    undone_at = models.DateTimeField(null=True)
    undone_position = models.BigIntegerField(null=True)
    status = models.CharField(max_length=16, db_default="done")
    error = models.CharField(max_length=255, blank=True, db_default="")
    reader_version = models.CharField(max_length=64, blank=True, db_default="")
    hints = models.JSONField(db_default=models.Value({}, models.JSONField()))

    class Meta:
        db_table = "ledger_import"
        verbose_name = "import"
        indexes = [
            models.Index(
                fields=["user", "undone_position"],
                condition=models.Q(undone_position__isnull=False),
                name="ledger_import_undone",
            ),
            models.Index(
                fields=["user"],
                condition=models.Q(status="waiting"),
                name="ledger_import_waiting",
            ),
            models.Index(
                fields=["user", "digest"],
                condition=models.Q(status="asked"),
                name="ledger_import_asked",
            ),
        ]


class PreviewModel(OwnedModel):
    """A queued preview: the encrypted file while it waits, then the encrypted preview itself."""

    file_name = models.CharField(max_length=255, blank=True)
    digest = models.BinaryField(max_length=32)
    size = models.BigIntegerField()
    requested_at = models.DateTimeField()
    hints = models.JSONField(db_default=models.Value({}, models.JSONField()))
    status = models.CharField(max_length=16)
    error = models.CharField(max_length=255, blank=True, db_default="")
    sealed = models.BinaryField(null=True)
    key_id = models.CharField(max_length=63)

    class Meta:
        db_table = "ledger_preview"
        verbose_name = "preview"


class StatementModel(PartModel):
    """A statement of an import: its period, its reconciliation, and what became of its rows."""

    account = OwnedForeignKey(AccountModel)
    source = OwnedForeignKey(ImportModel, db_column="import_id", related_name="statements")
    place = models.PositiveIntegerField()
    report_type = models.CharField(max_length=16, blank=True)
    number = models.CharField(max_length=255, blank=True)
    currency = models.CharField(max_length=3)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    opening = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    opening_day = models.DateField(null=True)
    closing = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    closing_day = models.DateField(null=True)
    pending_day = models.DateField(null=True)
    holdings_day = models.DateField(null=True)
    corrected_ids = ArrayField(
        models.CharField(max_length=255),
        db_default=models.Value([], ArrayField(models.CharField(max_length=255))),
    )
    reconciliation = models.CharField(max_length=16)
    ledger_reconciliation = models.CharField(max_length=16)
    ledger_difference = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    ledger_since = models.DateField(null=True)
    new = models.PositiveIntegerField()
    same = models.PositiveIntegerField()
    updates = models.PositiveIntegerField()
    conflict = models.PositiveIntegerField()
    deleted = models.PositiveIntegerField()
    balances = models.PositiveIntegerField()
    suggested = models.PositiveIntegerField()
    withdrawn = ArrayField(models.UUIDField(), null=True)

    class Meta:
        db_table = "ledger_statement"
        verbose_name = "statement"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "source", "place"], name="ledger_statement_place"
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "account", "-closing_day"], name="ledger_statement_newest"
            ),
        ]


class ProgressModel(models.Model):
    """How far an import or a preview has come. Deleted when it ends, and lost in a crash."""

    source = OwnedOneToOneField(
        ImportModel, db_column="import_id", primary_key=True, related_name="progress"
    )
    user = models.ForeignKey(
        UserModel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    rows = models.PositiveIntegerField()
    entered = models.PositiveIntegerField()

    class Meta:
        db_table = "ledger_import_progress"
        verbose_name = "progress of an import"
        verbose_name_plural = "progress of imports"

    def __str__(self) -> str:
        return str(self.source_id)


class CsvProfileModel(OwnedModel):
    """How one bank writes its CSV files, under a name that the user chose."""

    name = models.CharField(max_length=255)
    profile = models.JSONField()

    class Meta:
        db_table = "ledger_csv_profile"
        verbose_name = "CSV profile"
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="ledger_csv_profile_name"),
        ]


class ExchangeRatesModel(OwnedModel):
    """Exchange rates of one day and source: how much of each currency a unit of `base` is worth."""

    day = models.DateField()
    base = models.CharField(max_length=3)
    source = models.CharField(max_length=16)
    rates = models.JSONField()

    class Meta:
        db_table = "ledger_exchange_rates"
        verbose_name = "exchange rates"
        verbose_name_plural = "exchange rates"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "day", "base", "source"], name="ledger_exchange_rates_list"
            ),
        ]
