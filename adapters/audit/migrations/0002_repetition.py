from pathlib import Path

from django.db import migrations

from adapters.persistence.operations import grant
from adapters.persistence.roles import Role

REPETITION = Path(__file__).with_name("repetition.sql").read_text()
RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


class Migration(migrations.Migration):
    """What is said again within a minute is counted."""

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(REPETITION, "DROP TABLE audit_repetition"),
        # What is refused at the door of the admin is counted too, by who serves it.
        *(grant("audit_repetition", role, RIGHTS) for role in (Role.APPLICATION, Role.STAFF)),
    ]
