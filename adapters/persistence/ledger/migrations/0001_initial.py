from pathlib import Path

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import domain.shared.ids
from adapters.persistence.operations import (
    business_table,
    owned_reference,
    refuse_nan,
    refuse_unsealed,
)

# A row can be locked only with a right to change something: this column is the database's anyway.
_LOCKED = "SELECT, INSERT, UPDATE (updated_at)"
# What imports state of a transaction, what its owner says, and what the versions' trigger sets.
_STATED = (
    "fingerprint, occurrence, provider_id, booking_date, value_date, amount, currency, kind, "
    "status, description, original_currency, exchange_rate, line, raw"
)
_CHANGED = f"import_id, {_STATED}, note, category, removal"
_VERSIONS = Path(__file__).with_name("versions.sql").read_text()
_FORGET_VERSIONS = """
DROP TRIGGER ledger_transaction_version ON ledger_transaction;
DROP FUNCTION ledger_keep_version()
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("connections", "0001_initial"),
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=domain.shared.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("kind", models.CharField(max_length=32)),
                ("currency", models.CharField(max_length=3)),
                ("institution", models.CharField(blank=True, max_length=255)),
                ("number", models.CharField(max_length=255)),
                ("added_at", models.DateTimeField()),
                (
                    "connection",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="connections.connectionmodel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "db_table": "ledger_account",
            },
        ),
        migrations.CreateModel(
            name="AccountAliasModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=domain.shared.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("institution", models.CharField(blank=True, max_length=255)),
                ("number", models.CharField(max_length=255)),
                ("currency", models.CharField(max_length=3)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="ledger.accountmodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "account alias",
                "verbose_name_plural": "account aliases",
                "db_table": "ledger_account_alias",
            },
        ),
        migrations.CreateModel(
            name="FileModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=domain.shared.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("sealed", models.BinaryField()),
                ("key_id", models.CharField(max_length=63)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "file",
                "db_table": "ledger_file",
            },
        ),
        migrations.CreateModel(
            name="ImportModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=domain.shared.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("file_name", models.CharField(blank=True, max_length=255)),
                ("digest", models.BinaryField(max_length=32)),
                ("size", models.BigIntegerField()),
                ("format", models.CharField(max_length=16)),
                ("imported_at", models.DateTimeField()),
                ("statements", models.JSONField()),
                ("quarantined", models.JSONField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "db_table": "ledger_import",
            },
        ),
        migrations.CreateModel(
            name="BalanceModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=domain.shared.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("day", models.DateField()),
                ("amount", models.DecimalField(decimal_places=10, max_digits=28)),
                ("currency", models.CharField(max_length=3)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="balances",
                        to="ledger.accountmodel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_column="import_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="ledger.importmodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "balance",
                "db_table": "ledger_balance",
            },
        ),
        migrations.CreateModel(
            name="TransactionModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=domain.shared.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("occurrence", models.PositiveIntegerField()),
                ("provider_id", models.CharField(max_length=255, null=True)),
                ("booking_date", models.DateField()),
                ("value_date", models.DateField(null=True)),
                ("amount", models.DecimalField(decimal_places=10, max_digits=28)),
                ("currency", models.CharField(max_length=3)),
                ("kind", models.CharField(max_length=32)),
                ("status", models.CharField(max_length=16)),
                ("description", models.TextField(blank=True)),
                ("original_currency", models.CharField(max_length=3, null=True)),
                ("exchange_rate", models.DecimalField(decimal_places=10, max_digits=28, null=True)),
                ("line", models.PositiveIntegerField()),
                ("raw", models.JSONField()),
                ("note", models.TextField(blank=True, db_default="")),
                ("category", models.CharField(blank=True, db_default="", max_length=255)),
                ("removal", models.CharField(max_length=16, null=True)),
                ("version", models.PositiveIntegerField(db_default=1)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow()
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ledger.accountmodel",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_column="import_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ledger.importmodel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "transaction",
                "db_table": "ledger_transaction",
            },
        ),
        migrations.CreateModel(
            name="StageModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=domain.shared.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("occurrence", models.PositiveIntegerField()),
                ("provider_id", models.CharField(max_length=255, null=True)),
                ("booking_date", models.DateField()),
                ("value_date", models.DateField(null=True)),
                ("amount", models.DecimalField(decimal_places=10, max_digits=28)),
                ("currency", models.CharField(max_length=3)),
                ("kind", models.CharField(max_length=32)),
                ("status", models.CharField(max_length=16)),
                ("description", models.TextField(blank=True)),
                ("original_currency", models.CharField(max_length=3, null=True)),
                ("exchange_rate", models.DecimalField(decimal_places=10, max_digits=28, null=True)),
                ("line", models.PositiveIntegerField()),
                ("raw", models.JSONField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ledger.accountmodel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stages",
                        to="ledger.transactionmodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "stage",
                "db_table": "ledger_stage",
            },
        ),
        migrations.CreateModel(
            name="SightingModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=domain.shared.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("occurrence", models.PositiveIntegerField()),
                ("verdict", models.CharField(max_length=16)),
                ("line", models.PositiveIntegerField()),
                ("undone", models.BooleanField(db_default=False)),
                (
                    "source",
                    models.ForeignKey(
                        db_column="import_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sightings",
                        to="ledger.importmodel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sightings",
                        to="ledger.transactionmodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "sighting",
                "db_table": "ledger_sighting",
            },
        ),
        migrations.CreateModel(
            name="TransactionVersionModel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=domain.shared.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("occurrence", models.PositiveIntegerField()),
                ("provider_id", models.CharField(max_length=255, null=True)),
                ("booking_date", models.DateField()),
                ("value_date", models.DateField(null=True)),
                ("amount", models.DecimalField(decimal_places=10, max_digits=28)),
                ("currency", models.CharField(max_length=3)),
                ("kind", models.CharField(max_length=32)),
                ("status", models.CharField(max_length=16)),
                ("description", models.TextField(blank=True)),
                ("original_currency", models.CharField(max_length=3, null=True)),
                ("exchange_rate", models.DecimalField(decimal_places=10, max_digits=28, null=True)),
                ("line", models.PositiveIntegerField()),
                ("raw", models.JSONField()),
                ("note", models.TextField(blank=True, db_default="")),
                ("category", models.CharField(blank=True, db_default="", max_length=255)),
                ("removal", models.CharField(max_length=16, null=True)),
                ("version", models.PositiveIntegerField(db_default=1)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow()
                    ),
                ),
                ("superseded_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ledger.accountmodel",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_column="import_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ledger.importmodel",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="ledger.transactionmodel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "transaction version",
                "db_table": "ledger_transaction_version",
            },
        ),
        migrations.AddConstraint(
            model_name="accountmodel",
            constraint=models.UniqueConstraint(fields=("id", "user"), name="ledger_account_owner"),
        ),
        migrations.AddConstraint(
            model_name="accountaliasmodel",
            constraint=models.UniqueConstraint(
                fields=("user", "institution", "number", "currency"),
                name="ledger_account_alias_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="filemodel",
            constraint=models.UniqueConstraint(
                fields=("user", "digest"), name="ledger_file_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="importmodel",
            constraint=models.UniqueConstraint(fields=("id", "user"), name="ledger_import_owner"),
        ),
        migrations.AddConstraint(
            model_name="balancemodel",
            constraint=models.UniqueConstraint(
                fields=("account", "kind", "day", "currency", "amount", "source"),
                name="ledger_balance_unique",
            ),
        ),
        migrations.AddIndex(
            model_name="transactionmodel",
            index=models.Index(
                condition=models.Q(("removal__isnull", True)),
                fields=["account", "-booking_date", "-id"],
                name="ledger_transaction_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="transactionmodel",
            index=models.Index(
                condition=models.Q(("provider_id__isnull", False)),
                fields=["account", "provider_id"],
                name="ledger_transaction_provider_id",
            ),
        ),
        migrations.AddIndex(
            model_name="transactionmodel",
            index=models.Index(
                condition=models.Q(("status", "pending")),
                fields=["account"],
                name="ledger_transaction_pending",
            ),
        ),
        migrations.AddIndex(
            model_name="transactionmodel",
            index=models.Index(
                fields=["account", "fingerprint"], name="ledger_transaction_fingerprint"
            ),
        ),
        migrations.AddConstraint(
            model_name="transactionmodel",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("removal__isnull", True), ("removal", "deleted"), _connector="OR"
                ),
                fields=("account", "fingerprint", "occurrence"),
                name="ledger_transaction_identity",
            ),
        ),
        migrations.AddConstraint(
            model_name="transactionmodel",
            constraint=models.UniqueConstraint(
                fields=("id", "user"), name="ledger_transaction_owner"
            ),
        ),
        migrations.AddConstraint(
            model_name="stagemodel",
            constraint=models.UniqueConstraint(
                fields=("account", "fingerprint", "occurrence"), name="ledger_stage_identity"
            ),
        ),
        *business_table("ledger_account", _LOCKED),
        *business_table("ledger_account_alias", "SELECT, INSERT"),
        *business_table("ledger_file", "SELECT, INSERT, UPDATE (sealed, key_id)"),
        *business_table("ledger_import", "SELECT, INSERT, UPDATE (undone_at)"),
        *business_table("ledger_transaction", f"SELECT, INSERT, UPDATE ({_CHANGED})"),
        *business_table("ledger_transaction_version", "SELECT, INSERT"),
        *business_table(
            "ledger_stage", f"SELECT, INSERT, DELETE, UPDATE (transaction_id, {_STATED})"
        ),
        *business_table("ledger_sighting", "SELECT, INSERT, UPDATE (undone)"),
        *business_table("ledger_balance", "SELECT, INSERT"),
        migrations.RunSQL(_VERSIONS, _FORGET_VERSIONS),
        owned_reference("ledger_account", "connection_id", "connections_connection"),
        owned_reference("ledger_account_alias", "account_id", "ledger_account"),
        owned_reference("ledger_transaction", "account_id", "ledger_account"),
        owned_reference("ledger_transaction", "import_id", "ledger_import"),
        owned_reference("ledger_transaction_version", "transaction_id", "ledger_transaction"),
        owned_reference("ledger_transaction_version", "account_id", "ledger_account"),
        owned_reference("ledger_transaction_version", "import_id", "ledger_import"),
        owned_reference("ledger_stage", "transaction_id", "ledger_transaction"),
        owned_reference("ledger_stage", "account_id", "ledger_account"),
        owned_reference("ledger_sighting", "import_id", "ledger_import"),
        owned_reference("ledger_sighting", "transaction_id", "ledger_transaction"),
        owned_reference("ledger_balance", "account_id", "ledger_account"),
        owned_reference("ledger_balance", "import_id", "ledger_import"),
        refuse_nan("ledger_transaction", "amount"),
        refuse_nan("ledger_stage", "amount"),
        refuse_nan("ledger_balance", "amount"),
        refuse_unsealed("ledger_file", "sealed", "key_id"),
    ]
