from django.db import migrations, models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.operations import (
    business_table,
    erase_when_due,
    owned_reference,
    owner,
    refuse_unsealed,
    row_columns,
)

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
                ("status", models.CharField(max_length=16)),
                ("established_at", models.DateTimeField()),
                ("user", owner(related_name="connections")),
            ],
            options={
                "verbose_name": "connection",
                "db_table": "connections_connection",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "provider", "institution"),
                        name="connections_connection_unique",
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
        *business_table("connections_connection", "SELECT, INSERT"),
        *business_table(
            "connections_credential", "SELECT, INSERT, UPDATE (sealed, key_id)", staff=_WITHOUT
        ),
        owned_reference("connections_credential", "connection_id", "connections_connection"),
        refuse_unsealed("connections_credential", "sealed", "key_id"),
        erase_when_due("connections_connection"),
        erase_when_due("connections_credential"),
    ]
