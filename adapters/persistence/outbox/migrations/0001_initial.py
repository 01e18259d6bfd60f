from pathlib import Path

from django.db import migrations, models
from django.db.models.functions import Now

from adapters.persistence.operations import grant, row_columns, set_updated_at
from adapters.persistence.roles import Role

_OUTBOX = Path(__file__).with_name("outbox.sql").read_text()
_FORGET = """
DROP TRIGGER outbox_event_position ON outbox_event;
DROP FUNCTION outbox_take_position();
DROP FUNCTION outbox_claim_in_turn(interval, text[]);
DROP FUNCTION outbox_due_in_turn(timestamptz, text[]);
DROP FUNCTION outbox_claim(int, interval, text[]);
DROP SEQUENCE outbox_position;
DROP TABLE outbox_turn;
DROP TABLE outbox_inbox
"""
_DELIVERY = "attempts, available_at, leased_until, last_error, dead_at, delivered_at"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="OutboxModel",
            fields=[
                *row_columns(),
                ("position", models.BigIntegerField(db_default=0, editable=False, unique=True)),
                ("aggregate_type", models.CharField(db_column="aggregatetype", max_length=32)),
                ("aggregate_id", models.UUIDField(db_column="aggregateid")),
                ("type", models.CharField(max_length=64)),
                ("payload", models.JSONField()),
                ("trace_id", models.CharField(blank=True, max_length=32)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("available_at", models.DateTimeField(db_default=Now())),
                ("leased_until", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=64)),
                ("dead_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "outbox event",
                "db_table": "outbox_event",
                "indexes": [
                    models.Index(
                        condition=models.Q(("delivered_at__isnull", True)),
                        fields=["position"],
                        name="outbox_event_undelivered",
                    ),
                    models.Index(
                        condition=models.Q(("delivered_at__isnull", True)),
                        fields=["aggregate_id", "position"],
                        name="outbox_event_aggregate",
                    ),
                ],
            },
        ),
        set_updated_at("outbox_event"),
        migrations.RunSQL(_OUTBOX, _FORGET),
        grant("outbox_event", Role.APPLICATION, f"SELECT, INSERT, DELETE, UPDATE ({_DELIVERY})"),
        grant("outbox_event", Role.STAFF, "SELECT"),
        grant("outbox_inbox", Role.APPLICATION, "SELECT, INSERT, DELETE"),
        grant("outbox_turn", Role.APPLICATION, "SELECT, INSERT, UPDATE, DELETE"),
    ]
