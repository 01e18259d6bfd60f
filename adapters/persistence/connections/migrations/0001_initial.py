from pathlib import Path

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.operations import (
    business_table,
    erase_when_due,
    grant,
    owned_reference,
    owner,
    refuse_unsealed,
    row_columns,
    set_updated_at,
)
from adapters.persistence.roles import Role

_SCHEDULE = (Path(__file__).parent / "schedule.sql").read_text()
_OPERATIONAL = "SELECT, INSERT, UPDATE, DELETE"
_LIFE = (
    "institution, name, status, need, detail, changed_at, attempted_at, complete_at,"
    " consent_until, reminded_until"
)
_LINK = (
    "account_key, name, number, institution, currency, kind, status, account_id, candidates,"
    " linked_at, wanted_from, covered_from, covered_to, answered_at, fingerprint, import_id,"
    " missing, problem, problem_detail, problem_since"
)
_WITHOUT_STEP = "SELECT (id, created_at, updated_at, user_id, connection_id, key_id, expires_at)"
# Staff sees that there is a credential, and under which key.
_WITHOUT = "SELECT (id, created_at, updated_at, user_id, connection_id, key_id)"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConnectionModel",
            fields=[
                *row_columns(),
                ("provider", models.CharField(max_length=64)),
                ("institution", models.CharField(blank=True, max_length=255)),
                ("name", models.CharField(blank=True, max_length=100)),
                ("status", models.CharField(max_length=16)),
                ("need", models.CharField(max_length=16, null=True)),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("established_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("attempted_at", models.DateTimeField(null=True)),
                ("complete_at", models.DateTimeField(null=True)),
                ("consent_until", models.DateTimeField(null=True)),
                ("reminded_until", models.DateTimeField(null=True)),
                ("user", owner(related_name="connections")),
            ],
            options={
                "verbose_name": "connection",
                "db_table": "connections_connection",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("provider", "statement-files")),
                        fields=("user", "institution"),
                        name="connections_connection_of_files",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CredentialModel",
            fields=[
                *row_columns(),
                ("sealed", models.BinaryField()),
                ("key_id", models.CharField(max_length=63)),
                (
                    "connection",
                    OwnedForeignKey("connections.connectionmodel", related_name="credentials"),
                ),
                ("user", owner()),
            ],
            options={
                "verbose_name": "credential",
                "db_table": "connections_credential",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "connection"), name="connections_credential_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkModel",
            fields=[
                *row_columns(),
                ("account_key", models.CharField(max_length=255)),
                ("name", models.CharField(blank=True, max_length=255)),
                ("number", models.CharField(blank=True, max_length=255)),
                ("institution", models.CharField(blank=True, max_length=255)),
                ("currency", models.CharField(blank=True, max_length=255)),
                ("kind", models.CharField(blank=True, max_length=32)),
                ("status", models.CharField(max_length=16)),
                ("account_id", models.UUIDField(null=True)),
                ("candidates", ArrayField(base_field=models.UUIDField(), size=None)),
                ("linked_at", models.DateTimeField(null=True)),
                ("wanted_from", models.DateField()),
                ("covered_from", models.DateField(null=True)),
                ("covered_to", models.DateField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("fingerprint", models.BinaryField()),
                ("import_id", models.UUIDField(null=True)),
                ("missing", models.PositiveSmallIntegerField()),
                ("problem", models.CharField(max_length=16, null=True)),
                ("problem_detail", models.CharField(blank=True, max_length=500)),
                ("problem_since", models.DateTimeField(null=True)),
                ("connection", OwnedForeignKey("connections.connectionmodel")),
                ("user", owner()),
            ],
            options={
                "verbose_name": "linked account",
                "db_table": "connections_link",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "connection", "account_key"),
                        name="connections_link_unique",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentModel",
            fields=[
                *row_columns(),
                ("institution", models.CharField(blank=True, max_length=255)),
                ("given_at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("connection", OwnedForeignKey("connections.connectionmodel")),
                ("user", owner()),
            ],
            options={
                "verbose_name": "consent",
                "db_table": "connections_consent",
                "indexes": [
                    models.Index(fields=["user", "connection"], name="connections_consent_of"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingStepModel",
            fields=[
                *row_columns(),
                ("sealed", models.BinaryField()),
                ("key_id", models.CharField(max_length=63)),
                ("expires_at", models.DateTimeField()),
                ("connection", OwnedForeignKey("connections.connectionmodel")),
                ("user", owner()),
            ],
            options={
                "verbose_name": "pending step",
                "db_table": "connections_pending_step",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "connection"), name="connections_pending_step_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScheduleModel",
            fields=[
                *row_columns(),
                ("owner", models.UUIDField()),
                ("due_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(max_length=16)),
                ("lease", models.BigIntegerField()),
                ("leased_until", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "schedule",
                "db_table": "connections_schedule",
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="connections_schedule_due",
                    ),
                    models.Index(fields=["owner"], name="connections_schedule_owner"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestCountModel",
            fields=[
                *row_columns(),
                ("owner", models.UUIDField()),
                ("connection_id", models.UUIDField()),
                ("account_key", models.CharField(blank=True, max_length=255)),
                ("day", models.DateField()),
                ("requests", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "count of requests",
                "db_table": "connections_request_count",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection_id", "account_key", "day"),
                        name="connections_request_count_unique",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["owner"], name="connections_requests_owner"),
                ],
            },
        ),
        migrations.RunSQL(_SCHEDULE, "DROP FUNCTION connections_claim(int, interval)"),
        set_updated_at("connections_schedule"),
        set_updated_at("connections_request_count"),
        grant("connections_schedule", Role.APPLICATION, _OPERATIONAL),
        grant("connections_request_count", Role.APPLICATION, _OPERATIONAL),
        grant("connections_schedule", Role.STAFF, "SELECT"),
        grant("connections_request_count", Role.STAFF, "SELECT"),
        *business_table("connections_connection", f"SELECT, INSERT, UPDATE ({_LIFE})"),
        *business_table("connections_link", f"SELECT, INSERT, UPDATE ({_LINK})"),
        *business_table("connections_consent", "SELECT, INSERT, UPDATE (ended_at)"),
        *business_table(
            "connections_credential", "SELECT, INSERT, UPDATE (sealed, key_id)", staff=_WITHOUT
        ),
        *business_table(
            "connections_pending_step",
            "SELECT, INSERT, UPDATE (sealed, key_id, expires_at)",
            staff=_WITHOUT_STEP,
        ),
        owned_reference("connections_link", "connection_id", "connections_connection"),
        owned_reference("connections_consent", "connection_id", "connections_connection"),
        owned_reference("connections_credential", "connection_id", "connections_connection"),
        owned_reference("connections_pending_step", "connection_id", "connections_connection"),
        refuse_unsealed("connections_credential", "sealed", "key_id"),
        refuse_unsealed("connections_pending_step", "sealed", "key_id"),
        erase_when_due("connections_connection"),
        erase_when_due("connections_link"),
        erase_when_due("connections_consent"),
        # Credentials and steps are no longer stored than they are needed.
        erase_when_due("connections_credential", or_when="true"),
        erase_when_due("connections_pending_step", or_when="true"),
    ]
