import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import domain.shared.ids
from adapters.persistence.operations import (
    grant,
    grant_more,
    keep_updated_at,
    refuse_unsealed,
    require_audit_entry,
)
from adapters.persistence.roles import Role

_ENTRY = """
id, action, actor_kind, actor_id, resource_type, resource_id, result, occurred_at,
trace_id, ip_address, user_agent, details, mac
"""
_FACTOR = """
SELECT, DELETE,
INSERT (id, staff_id, sealed, key_id, confirmed_at, last_step),
UPDATE (id, sealed, key_id, confirmed_at, last_step)
"""


def take_back(table: str, rights: str) -> migrations.RunSQL:
    """Take rights away that staff had."""
    return migrations.RunSQL(
        f"REVOKE {rights} ON {table} FROM {Role.STAFF}",
        f"GRANT {rights} ON {table} TO {Role.STAFF}",
    )


class Migration(migrations.Migration):
    """Staff write what their use cases write, with an audit entry, and nothing by hand."""

    dependencies = [
        ("staff", "0003_roles"),
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondFactorModel",
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
                ("sealed", models.BinaryField()),
                ("key_id", models.CharField(max_length=63)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(db_default=0)),
                (
                    "staff",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_factor",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "second factor",
                "db_table": "staff_second_factor",
            },
        ),
        refuse_unsealed("staff_second_factor", "sealed", "key_id"),
        keep_updated_at("staff_second_factor"),
        require_audit_entry("staff_second_factor"),
        require_audit_entry("staff_user"),
        grant("staff_second_factor", Role.STAFF, _FACTOR),
        take_back("staff_user", "UPDATE, DELETE"),
        grant_more("staff_user", Role.STAFF, "UPDATE", "password, is_active"),
        *(
            take_back(table, "INSERT, UPDATE, DELETE")
            for table in ("auth_group", "auth_group_permissions", "django_admin_log")
        ),
        grant_more("audit_entry", Role.STAFF, "INSERT", _ENTRY),
    ]
