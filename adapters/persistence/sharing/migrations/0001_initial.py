from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

from adapters.persistence.operations import (
    business_table,
    erase_when_due,
    owner,
    row_columns,
    show_by_value,
)

_ENTERING, _, _ENTERING_BACK = (
    Path(__file__).with_name("entering.sql").read_text().partition("-- Back\n")
)
_CHANGEABLE = (
    "name, account_ids, setup_digest, setup_expires_at, claimed_at, access_digest, revoked_at"
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConnectedAppModel",
            fields=[
                *row_columns(),
                ("name", models.CharField(max_length=100)),
                (
                    "account_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), null=True, size=None
                    ),
                ),
                ("added_at", models.DateTimeField()),
                ("setup_digest", models.BinaryField(max_length=32, null=True)),
                ("setup_expires_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("access_digest", models.BinaryField(max_length=32, null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "connected app",
                "db_table": "sharing_connected_app",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("setup_digest",), name="sharing_connected_app_setup_unique"
                    ),
                    models.UniqueConstraint(
                        fields=("access_digest",), name="sharing_connected_app_access_unique"
                    ),
                ],
            },
        ),
        *business_table("sharing_connected_app", f"SELECT, INSERT, UPDATE ({_CHANGEABLE})"),
        show_by_value("sharing_connected_app", "setup_digest", "bytea", "setup_token"),
        show_by_value("sharing_connected_app", "access_digest", "bytea", "access_key"),
        migrations.RunSQL(_ENTERING, _ENTERING_BACK),
        erase_when_due("sharing_connected_app"),
    ]
