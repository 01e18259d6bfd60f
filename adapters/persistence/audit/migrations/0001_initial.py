import django.db.models.functions.datetime
from django.db import migrations, models

import domain.shared.ids
from adapters.persistence.operations import refuse_changes


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntryModel",
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
                ("action", models.CharField(max_length=64)),
                ("actor_kind", models.CharField(max_length=16)),
                ("actor_id", models.UUIDField(null=True)),
                ("resource_type", models.CharField(max_length=32)),
                ("resource_id", models.UUIDField(null=True)),
                ("result", models.CharField(max_length=16)),
                ("occurred_at", models.DateTimeField()),
                ("trace_id", models.CharField(blank=True, max_length=32)),
                ("ip_address", models.GenericIPAddressField(null=True)),
                ("user_agent", models.CharField(blank=True, max_length=256)),
                ("details", models.JSONField()),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "db_table": "audit_entry",
                "indexes": [
                    models.Index(fields=["actor_id", "id"], name="audit_entry_actor"),
                    models.Index(
                        fields=["resource_type", "resource_id", "id"], name="audit_entry_resource"
                    ),
                ],
            },
        ),
        refuse_changes("audit_entry"),
    ]
