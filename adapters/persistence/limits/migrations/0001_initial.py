from pathlib import Path

from django.db import migrations

from adapters.persistence.operations import grant
from adapters.persistence.roles import Role

RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(
            (Path(__file__).parent / "limits.sql").read_text(),
            """DROP FUNCTION limits_reserve;
            DROP FUNCTION limits_take;
            DROP TABLE limits_guess;
            DROP TABLE limits_bucket""",
        ),
        # The door of the admin is counted too, by who serves it.
        *(
            grant(table, role, RIGHTS)
            for table in ("limits_bucket", "limits_guess")
            for role in (Role.APPLICATION, Role.STAFF)
        ),
    ]
