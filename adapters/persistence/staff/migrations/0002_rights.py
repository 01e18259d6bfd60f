from django.db import migrations

from adapters.persistence.operations import grant
from adapters.persistence.roles import Role

CHANGED_IN_THE_ADMIN = [
    "staff_user",
    "staff_user_groups",
    "staff_user_user_permissions",
    "auth_group",
    "auth_group_permissions",
    "django_admin_log",
    "django_session",
]


class Migration(migrations.Migration):
    """The admin changes its own tables; Django's registers are read."""

    dependencies = [
        ("staff", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        *(
            grant(table, Role.STAFF, "SELECT, INSERT, UPDATE, DELETE")
            for table in CHANGED_IN_THE_ADMIN
        ),
        *(
            grant(table, role, "SELECT")
            for table in ("auth_permission", "django_content_type", "django_migrations")
            for role in (Role.STAFF, Role.APPLICATION)
        ),
    ]
