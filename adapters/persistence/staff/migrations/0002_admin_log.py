from django.db import migrations

from adapters.persistence.operations import grant
from adapters.persistence.roles import Role


class Migration(migrations.Migration):
    """Staff read Django's log of the admin: its table refers to theirs, and so is made between."""

    dependencies = [
        ("staff", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [grant("django_admin_log", Role.STAFF, "SELECT")]
