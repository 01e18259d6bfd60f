from pathlib import Path

from django.db import migrations, models

from adapters.persistence.operations import grant
from adapters.persistence.roles import Role
from domain.shared.ids import new_id

_HERE = Path(__file__)
_TRAIL = _HERE.with_name("trail.sql").read_text()
_REPETITION = _HERE.with_name("repetition.sql").read_text()
_NEVER = "DO $$ BEGIN RAISE EXCEPTION 'the audit trail is never unmade'; END $$"
_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


class Migration(migrations.Migration):
    """The trail is made of what Django has no words for, and is never unmade."""

    initial = True

    dependencies = []

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_TRAIL, _NEVER)],
            state_operations=[
                migrations.CreateModel(
                    name="AuditCheckpointModel",
                    fields=[
                        ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("first_xid", models.BigIntegerField()),
                        ("end_xid", models.BigIntegerField()),
                        ("entries", models.BigIntegerField()),
                        ("total", models.BigIntegerField()),
                        ("root", models.BinaryField(max_length=32)),
                        ("previous", models.BinaryField(max_length=32)),
                        ("sealed_at", models.DateTimeField()),
                        ("key_id", models.CharField(max_length=32)),
                        ("signature", models.BinaryField(max_length=64)),
                        ("ids", models.BinaryField()),
                        ("leaves", models.BinaryField()),
                        ("refused", models.BinaryField()),
                    ],
                    options={
                        "verbose_name": "audit checkpoint",
                        "db_table": "audit_checkpoint",
                    },
                ),
                migrations.CreateModel(
                    name="AuditEntryModel",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=new_id,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "created_at",
                            models.GeneratedField(
                                db_persist=True,
                                expression=models.Func("id", function="uuid_extract_timestamp"),
                                output_field=models.DateTimeField(),
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
                        ("mac", models.BinaryField(max_length=32)),
                    ],
                    options={
                        "verbose_name": "audit entry",
                        "verbose_name_plural": "audit entries",
                        "db_table": "audit_entry",
                        "indexes": [
                            models.Index(fields=["actor_id", "id"], name="audit_entry_actor"),
                            models.Index(
                                fields=["resource_type", "resource_id", "id"],
                                name="audit_entry_resource",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.RunSQL(_REPETITION, _NEVER),
        # What is refused at the door of the admin, and to commands for staff, is counted too.
        *(
            grant("audit_repetition", role, _RIGHTS)
            for role in (Role.APPLICATION, Role.STAFF, Role.OPERATOR)
        ),
    ]
