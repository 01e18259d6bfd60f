from django.conf import settings
from django.db import migrations, models

from adapters.persistence.operations import (
    grant,
    refuse_unsealed,
    require_audit_entry,
    row_columns,
    set_updated_at,
)
from adapters.persistence.roles import Role
from domain.shared.ids import new_id

# Casts keep the words of a constraint the same through dump and restore.
_ROLES = """
ALTER TABLE staff_user ADD CONSTRAINT staff_user_role
CHECK (role::text IN ('support', 'operator', 'auditor', 'administrator'))
"""
_FACTOR = """
SELECT, DELETE,
INSERT (id, staff_id, sealed, key_id, confirmed_at, last_step),
UPDATE (id, sealed, key_id, confirmed_at, last_step)
"""


class Migration(migrations.Migration):
    """Staff write what their use cases write, with an audit entry; commands say who is staff."""

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffUser",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "id",
                    models.UUIDField(
                        default=new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("username", models.CharField(max_length=150, unique=True)),
                ("role", models.CharField(max_length=16)),
                ("is_active", models.BooleanField(default=True)),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "staff user",
                "db_table": "staff_user",
            },
        ),
        migrations.CreateModel(
            name="SecondFactorModel",
            fields=[
                *row_columns(),
                ("sealed", models.BinaryField()),
                ("key_id", models.CharField(max_length=63)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(db_default=0)),
                (
                    "staff",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
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
        migrations.RunSQL(_ROLES, "ALTER TABLE staff_user DROP CONSTRAINT staff_user_role"),
        refuse_unsealed("staff_second_factor", "sealed", "key_id"),
        set_updated_at("staff_second_factor"),
        require_audit_entry("staff_second_factor"),
        require_audit_entry("staff_user"),
        grant("staff_second_factor", Role.STAFF, _FACTOR),
        grant("staff_second_factor", Role.OPERATOR, "SELECT (id, staff_id), DELETE"),
        grant("staff_second_factor", Role.AUDITOR, "SELECT (id, xmin)"),
        grant("staff_user", Role.STAFF, "SELECT, UPDATE (password)"),
        grant("staff_user", Role.OPERATOR, "SELECT, INSERT, UPDATE (password, is_active)"),
        grant("staff_user", Role.AUDITOR, "SELECT (id, role, xmin)"),
        # Of Django's own tables, the admin changes its sessions; the others are read.
        grant("django_session", Role.STAFF, "SELECT, INSERT, UPDATE, DELETE"),
        *(grant(table, Role.STAFF, "SELECT") for table in ("auth_group", "auth_group_permissions")),
        *(
            grant(table, role, "SELECT")
            for table in ("auth_permission", "django_content_type", "django_migrations")
            for role in (Role.STAFF, Role.APPLICATION)
        ),
        grant("django_migrations", Role.OPERATOR, "SELECT"),
    ]
