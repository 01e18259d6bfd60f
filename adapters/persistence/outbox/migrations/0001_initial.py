import django.db.models.functions.datetime
from django.db import migrations, models

import domain.shared.ids
from adapters.persistence.operations import keep_updated_at


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="OutboxModel",
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
                ("aggregate_type", models.CharField(db_column="aggregatetype", max_length=32)),
                ("aggregate_id", models.UUIDField(db_column="aggregateid")),
                ("type", models.CharField(max_length=64)),
                ("payload", models.JSONField()),
                ("trace_id", models.CharField(blank=True, max_length=32)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "outbox event",
                "db_table": "outbox_event",
                "indexes": [
                    models.Index(
                        condition=models.Q(("delivered_at__isnull", True)),
                        fields=["id"],
                        name="outbox_event_undelivered",
                    )
                ],
            },
        ),
        keep_updated_at("outbox_event"),
    ]
