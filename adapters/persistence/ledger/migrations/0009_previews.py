import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import domain.shared.ids
from adapters.persistence.operations import business_table, owned_reference, refuse_unsealed

_RIGHTS = "SELECT, INSERT, DELETE, UPDATE (status, error, sealed, key_id)"
# Progress is told of previews too; whose it is, its policy says.
_OF_IMPORTS = owned_reference("ledger_import_progress", "import_id", "ledger_import")


class Migration(migrations.Migration):
    """Previews of large files are made after they were asked for."""

    dependencies = [
        ("identity", "0004_leaving"),
        ("ledger", "0008_quotas"),
    ]

    operations = [
        migrations.CreateModel(
            name="PreviewModel",
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
                ("requested_at", models.DateTimeField()),
                ("hints", models.JSONField(db_default=models.Value({}, models.JSONField()))),
                ("status", models.CharField(max_length=16)),
                ("error", models.CharField(blank=True, db_default="", max_length=255)),
                ("sealed", models.BinaryField(null=True)),
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
                "verbose_name": "preview",
                "db_table": "ledger_preview",
            },
        ),
        *business_table("ledger_preview", _RIGHTS),
        refuse_unsealed("ledger_preview", "sealed", "key_id"),
        migrations.RunSQL(_OF_IMPORTS.reverse_sql or [], _OF_IMPORTS.sql),
    ]
