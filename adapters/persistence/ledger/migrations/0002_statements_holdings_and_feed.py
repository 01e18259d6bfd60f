from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import adapters.persistence.ledger.models.owned
import domain.shared.ids
from adapters.persistence.operations import (
    business_table,
    grant,
    grant_more,
    owned_reference,
    refuse_nan,
    show_to_owner,
)
from adapters.persistence.roles import Role

_HERE = Path(__file__).parent
_MOMENT = (_HERE / "moment.sql").read_text()
_VERSIONS = (_HERE / "feed_versions.sql").read_text()
_VERSIONS_BEFORE = (_HERE / "versions.sql").read_text().partition("CREATE TRIGGER")[0]
_STATEMENTS, _, _STATEMENTS_BACK = (_HERE / "statements.sql").read_text().partition("-- Back\n")
_TRADE = "security_id, quantity, unit_price"
_IMPORT = "format, imported_at, quarantined, status, error, edition, undone_position"
_DECIDED = "SELECT, INSERT, DELETE, UPDATE (decision, decided_at)"
_NAMED = "SELECT, INSERT, DELETE, UPDATE (name, profile)"


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_MOMENT, "DROP FUNCTION ledger_moment()"),
        migrations.CreateModel(
            name="CsvProfileModel",
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
                ("name", models.CharField(max_length=255)),
                ("profile", models.JSONField()),
            ],
            options={
                "verbose_name": "CSV profile",
                "db_table": "ledger_csv_profile",
            },
        ),
        migrations.CreateModel(
            name="FingerprintModel",
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
                ("scheme", models.PositiveSmallIntegerField()),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("occurrence", models.PositiveIntegerField()),
                ("known_fingerprint", models.BinaryField(max_length=32)),
                ("known_occurrence", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "fingerprint",
                "db_table": "ledger_fingerprint",
            },
        ),
        migrations.CreateModel(
            name="HoldingModel",
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
                ("day", models.DateField()),
                ("quantity", models.DecimalField(decimal_places=10, max_digits=28)),
                ("currency", models.CharField(max_length=3)),
                ("price", models.DecimalField(decimal_places=10, max_digits=28, null=True)),
                ("value", models.DecimalField(decimal_places=10, max_digits=28, null=True)),
                ("cost_basis", models.DecimalField(decimal_places=10, max_digits=28, null=True)),
                ("line", models.PositiveIntegerField()),
                (
                    "feed_position",
                    models.BigIntegerField(
                        db_default=adapters.persistence.ledger.models.owned.FeedPosition()
                    ),
                ),
            ],
            options={
                "verbose_name": "holding",
                "db_table": "ledger_holding",
            },
        ),
        migrations.CreateModel(
            name="ProgressModel",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        db_column="import_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                        to="ledger.importmodel",
                    ),
                ),
                ("rows", models.PositiveIntegerField()),
                ("entered", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "progress of an import",
                "verbose_name_plural": "progress of imports",
                "db_table": "ledger_import_progress",
            },
        ),
        migrations.CreateModel(
            name="SecurityModel",
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
                ("scheme", models.CharField(blank=True, max_length=255)),
                ("number", models.CharField(max_length=255)),
                ("name", models.CharField(blank=True, max_length=255)),
                ("ticker", models.CharField(blank=True, max_length=255)),
            ],
            options={
                "verbose_name": "security",
                "verbose_name_plural": "securities",
                "db_table": "ledger_security",
            },
        ),
        migrations.CreateModel(
            name="StatementModel",
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
                ("place", models.PositiveIntegerField()),
                ("number", models.CharField(blank=True, max_length=255)),
                ("currency", models.CharField(max_length=3)),
                ("first_day", models.DateField(null=True)),
                ("last_day", models.DateField(null=True)),
                ("opening", models.DecimalField(decimal_places=10, max_digits=28, null=True)),
                ("opening_day", models.DateField(null=True)),
                ("closing", models.DecimalField(decimal_places=10, max_digits=28, null=True)),
                ("closing_day", models.DateField(null=True)),
                ("holdings_day", models.DateField(null=True)),
                ("proof", models.CharField(max_length=16)),
                ("new", models.PositiveIntegerField()),
                ("same", models.PositiveIntegerField()),
                ("updates", models.PositiveIntegerField()),
                ("conflict", models.PositiveIntegerField()),
                ("deleted", models.PositiveIntegerField()),
                ("balances", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "statement",
                "db_table": "ledger_statement",
            },
        ),
        migrations.CreateModel(
            name="TransferModel",
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
                ("decision", models.CharField(max_length=16)),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "transfer",
                "db_table": "ledger_transfer",
            },
        ),
        migrations.AddField(
            model_name="csvprofilemodel",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AddField(
            model_name="fingerprintmodel",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.accountmodel",
            ),
        ),
        migrations.AddField(
            model_name="fingerprintmodel",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AddField(
            model_name="holdingmodel",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.accountmodel",
            ),
        ),
        migrations.AddField(
            model_name="holdingmodel",
            name="source",
            field=models.ForeignKey(
                db_column="import_id",
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.importmodel",
            ),
        ),
        migrations.AddField(
            model_name="holdingmodel",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AddField(
            model_name="progressmodel",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AddField(
            model_name="securitymodel",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AddField(
            model_name="holdingmodel",
            name="security",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.securitymodel",
            ),
        ),
        migrations.AddField(
            model_name="statementmodel",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.accountmodel",
            ),
        ),
        migrations.AddField(
            model_name="statementmodel",
            name="source",
            field=models.ForeignKey(
                db_column="import_id",
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="statements",
                to="ledger.importmodel",
            ),
        ),
        migrations.AddField(
            model_name="statementmodel",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AddField(
            model_name="holdingmodel",
            name="statement",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="holdings",
                to="ledger.statementmodel",
            ),
        ),
        migrations.AddField(
            model_name="transfermodel",
            name="incoming",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.transactionmodel",
            ),
        ),
        migrations.AddField(
            model_name="transfermodel",
            name="outgoing",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.transactionmodel",
            ),
        ),
        migrations.AddField(
            model_name="transfermodel",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AddConstraint(
            model_name="csvprofilemodel",
            constraint=models.UniqueConstraint(
                fields=("user", "name"), name="ledger_csv_profile_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="fingerprintmodel",
            constraint=models.UniqueConstraint(
                fields=("account", "fingerprint", "occurrence"), name="ledger_fingerprint_identity"
            ),
        ),
        migrations.AddConstraint(
            model_name="securitymodel",
            constraint=models.UniqueConstraint(
                fields=("user", "scheme", "number"), name="ledger_security_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="securitymodel",
            constraint=models.UniqueConstraint(fields=("id", "user"), name="ledger_security_owner"),
        ),
        migrations.AddIndex(
            model_name="statementmodel",
            index=models.Index(fields=["account", "-closing_day"], name="ledger_statement_newest"),
        ),
        migrations.AddConstraint(
            model_name="statementmodel",
            constraint=models.UniqueConstraint(
                fields=("source", "place"), name="ledger_statement_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="statementmodel",
            constraint=models.UniqueConstraint(
                fields=("id", "user"), name="ledger_statement_owner"
            ),
        ),
        migrations.AddIndex(
            model_name="holdingmodel",
            index=models.Index(fields=["account", "-day"], name="ledger_holding_newest"),
        ),
        migrations.AddIndex(
            model_name="holdingmodel",
            index=models.Index(fields=["user", "feed_position", "id"], name="ledger_holding_feed"),
        ),
        migrations.AddConstraint(
            model_name="transfermodel",
            constraint=models.UniqueConstraint(
                fields=("outgoing", "incoming"), name="ledger_transfer_pair"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfermodel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision", "confirmed")),
                fields=("outgoing",),
                name="ledger_transfer_outgoing",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfermodel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision", "confirmed")),
                fields=("incoming",),
                name="ledger_transfer_incoming",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField("importmodel", "statements")],
            database_operations=[migrations.RunSQL(_STATEMENTS, _STATEMENTS_BACK)],
        ),
        *business_table("ledger_statement", "SELECT, INSERT"),
        *business_table("ledger_security", "SELECT, INSERT, UPDATE (name, ticker)"),
        *business_table("ledger_holding", "SELECT, INSERT"),
        *business_table("ledger_fingerprint", "SELECT, INSERT, DELETE"),
        *business_table("ledger_transfer", _DECIDED),
        *business_table("ledger_csv_profile", _NAMED),
        # What is lost in a crash here is how far an import had come that was lost too.
        migrations.RunSQL(
            "ALTER TABLE ledger_import_progress SET UNLOGGED", migrations.RunSQL.noop
        ),
        show_to_owner("ledger_import_progress"),
        grant("ledger_import_progress", Role.APPLICATION, "SELECT, INSERT, UPDATE, DELETE"),
        grant("ledger_import_progress", Role.STAFF, "SELECT"),
        owned_reference("ledger_statement", "account_id", "ledger_account"),
        owned_reference("ledger_statement", "import_id", "ledger_import"),
        owned_reference("ledger_holding", "account_id", "ledger_account"),
        owned_reference("ledger_holding", "import_id", "ledger_import"),
        owned_reference("ledger_holding", "statement_id", "ledger_statement"),
        owned_reference("ledger_holding", "security_id", "ledger_security"),
        owned_reference("ledger_fingerprint", "account_id", "ledger_account"),
        owned_reference("ledger_transfer", "outgoing_id", "ledger_transaction"),
        owned_reference("ledger_transfer", "incoming_id", "ledger_transaction"),
        owned_reference("ledger_import_progress", "import_id", "ledger_import"),
        *(
            refuse_nan("ledger_holding", column)
            for column in ("quantity", "price", "value", "cost_basis")
        ),
        # What is there already is changed last, so that it is locked as short as may be.
        migrations.AddField(
            model_name="balancemodel",
            name="feed_position",
            field=models.BigIntegerField(
                db_default=adapters.persistence.ledger.models.owned.FeedPosition()
            ),
        ),
        migrations.AddField(
            model_name="sightingmodel",
            name="place",
            field=models.PositiveIntegerField(db_default=1),
        ),
        migrations.AddField(
            model_name="importmodel",
            name="edition",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="importmodel",
            name="error",
            field=models.CharField(blank=True, db_default="", max_length=255),
        ),
        migrations.AddField(
            model_name="importmodel",
            name="hints",
            field=models.JSONField(db_default=models.Value({}, models.JSONField())),
        ),
        migrations.AddField(
            model_name="importmodel",
            name="status",
            field=models.CharField(db_default="done", max_length=16),
        ),
        migrations.AddField(
            model_name="importmodel",
            name="undone_position",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="stagemodel",
            name="quantity",
            field=models.DecimalField(decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="stagemodel",
            name="unit_price",
            field=models.DecimalField(decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="transactionmodel",
            name="feed_position",
            field=models.BigIntegerField(
                db_default=adapters.persistence.ledger.models.owned.FeedPosition()
            ),
        ),
        migrations.AddField(
            model_name="transactionmodel",
            name="quantity",
            field=models.DecimalField(decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="transactionmodel",
            name="unit_price",
            field=models.DecimalField(decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="transactionversionmodel",
            name="feed_position",
            field=models.BigIntegerField(
                db_default=adapters.persistence.ledger.models.owned.FeedPosition()
            ),
        ),
        migrations.AddField(
            model_name="transactionversionmodel",
            name="quantity",
            field=models.DecimalField(decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AddField(
            model_name="transactionversionmodel",
            name="unit_price",
            field=models.DecimalField(decimal_places=10, max_digits=28, null=True),
        ),
        migrations.AlterField(
            model_name="balancemodel",
            name="source",
            field=models.ForeignKey(
                db_column="import_id",
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.importmodel",
            ),
        ),
        migrations.AlterField(
            model_name="sightingmodel",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AlterField(
            model_name="stagemodel",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AlterField(
            model_name="transactionmodel",
            name="recorded_at",
            field=models.DateTimeField(
                db_default=adapters.persistence.ledger.models.owned.Moment()
            ),
        ),
        migrations.AlterField(
            model_name="transactionmodel",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AlterField(
            model_name="transactionversionmodel",
            name="recorded_at",
            field=models.DateTimeField(
                db_default=adapters.persistence.ledger.models.owned.Moment()
            ),
        ),
        migrations.AlterField(
            model_name="transactionversionmodel",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="identity.usermodel",
            ),
        ),
        migrations.AddIndex(
            model_name="balancemodel",
            index=models.Index(fields=["user", "feed_position", "id"], name="ledger_balance_feed"),
        ),
        migrations.AddField(
            model_name="stagemodel",
            name="security",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.securitymodel",
            ),
        ),
        migrations.AddField(
            model_name="transactionmodel",
            name="security",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.securitymodel",
            ),
        ),
        migrations.AddField(
            model_name="transactionversionmodel",
            name="security",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="ledger.securitymodel",
            ),
        ),
        migrations.RemoveIndex(
            model_name="transactionmodel", name="ledger_transaction_fingerprint"
        ),
        migrations.AddIndex(
            model_name="transactionmodel",
            index=models.Index(
                condition=models.Q(("removal", "undone")),
                fields=["account", "fingerprint"],
                name="ledger_transaction_undone",
            ),
        ),
        migrations.AddIndex(
            model_name="transactionmodel",
            index=models.Index(
                fields=["user", "feed_position", "id"], name="ledger_transaction_feed"
            ),
        ),
        migrations.AddIndex(
            model_name="transactionversionmodel",
            index=models.Index(
                fields=["account", "-booking_date", "-transaction"], name="ledger_version_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="transactionversionmodel",
            index=models.Index(
                fields=["user", "feed_position", "transaction"], name="ledger_version_feed"
            ),
        ),
        grant_more("ledger_transaction", Role.APPLICATION, "UPDATE", _TRADE),
        grant_more("ledger_stage", Role.APPLICATION, "UPDATE", _TRADE),
        grant_more("ledger_import", Role.APPLICATION, "UPDATE", _IMPORT),
        migrations.RunSQL(_VERSIONS, _VERSIONS_BEFORE),
        owned_reference("ledger_transaction", "security_id", "ledger_security"),
        owned_reference("ledger_transaction_version", "security_id", "ledger_security"),
        owned_reference("ledger_stage", "security_id", "ledger_security"),
        refuse_nan("ledger_transaction", "quantity"),
        refuse_nan("ledger_stage", "quantity"),
    ]
