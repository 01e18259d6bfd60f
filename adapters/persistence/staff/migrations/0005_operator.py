from django.db import migrations

from adapters.persistence.operations import grant, grant_more
from adapters.persistence.roles import Role

_ENTRY = """
id, action, actor_kind, actor_id, resource_type, resource_id, result, occurred_at,
trace_id, ip_address, user_agent, details, mac
"""


class Migration(migrations.Migration):
    """Who is on the staff is for the commands to say; what the server may become changes secrets."""

    dependencies = [
        ("staff", "0004_second_factor"),
        ("audit", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            f"REVOKE INSERT, UPDATE (is_active) ON staff_user FROM {Role.STAFF}",
            f"GRANT INSERT, UPDATE (is_active) ON staff_user TO {Role.STAFF}",
        ),
        grant("staff_user", Role.OPERATOR, "SELECT, INSERT, UPDATE (password, is_active)"),
        grant("staff_second_factor", Role.OPERATOR, "SELECT (id, staff_id), DELETE"),
        grant("django_migrations", Role.OPERATOR, "SELECT"),
        grant_more("audit_entry", Role.OPERATOR, "INSERT", _ENTRY),
        grant("staff_user", Role.AUDITOR, "SELECT (id, role, xmin)"),
        grant("staff_second_factor", Role.AUDITOR, "SELECT (id, xmin)"),
    ]
