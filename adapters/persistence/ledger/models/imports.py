"""Files, imports of them, and the statements in them."""

from django.db import models

from adapters.persistence.base import OwnedForeignKey, OwnedOneToOneField
from adapters.persistence.identity.models import UserModel
from adapters.persistence.ledger.models.accounts import AccountModel
from adapters.persistence.ledger.models.owned import OwnedModel, PartModel


class FileModel(OwnedModel):
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


class ImportModel(OwnedModel):
    """A file that was brought in, and what became of its rows."""

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
        ]


class PreviewModel(OwnedModel):
    """A preview that was asked for: its file sealed while it waits, and then what it says."""

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
    """A statement of an import: what it covers, whether it adds up, and what became of its rows."""

    account = OwnedForeignKey(AccountModel)
    source = OwnedForeignKey(ImportModel, db_column="import_id", related_name="statements")
    place = models.PositiveIntegerField()
    number = models.CharField(max_length=255, blank=True)
    currency = models.CharField(max_length=3)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    opening = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    opening_day = models.DateField(null=True)
    closing = models.DecimalField(max_digits=28, decimal_places=10, null=True)
    closing_day = models.DateField(null=True)
    holdings_day = models.DateField(null=True)
    reconciliation = models.CharField(max_length=16)
    new = models.PositiveIntegerField()
    same = models.PositiveIntegerField()
    updates = models.PositiveIntegerField()
    conflict = models.PositiveIntegerField()
    deleted = models.PositiveIntegerField()
    balances = models.PositiveIntegerField()

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
    """How far an import or a preview has come; gone when it ends, and not kept in a crash."""

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
    """How one bank writes its CSV files, under a name that its user gave it."""

    name = models.CharField(max_length=255)
    profile = models.JSONField()

    class Meta:
        db_table = "ledger_csv_profile"
        verbose_name = "CSV profile"
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="ledger_csv_profile_name"),
        ]
