import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import domain.shared.ids
from adapters.persistence.operations import business_table, owned_reference, refuse_unsealed

# Staff sees that there is a credential, and under which key.
WITHOUT = "SELECT (id, created_at, updated_at, user_id, connection_id, key_id)"


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConnectionModel",
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
                ("provider", models.CharField(max_length=64)),
                ("institution", models.CharField(blank=True, max_length=255)),
                ("status", models.CharField(max_length=16)),
                ("established_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="connections",
                        to="identity.usermodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "connection",
                "db_table": "connections_connection",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "provider", "institution"),
                        name="connections_connection_unique",
                    ),
                    models.UniqueConstraint(
                        fields=("id", "user"), name="connections_connection_owner"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CredentialModel",
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
                (
                    "connection",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="credentials",
                        to="connections.connectionmodel",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "credential",
                "db_table": "connections_credential",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection",), name="connections_credential_unique"
                    )
                ],
            },
        ),
        *business_table("connections_connection", "SELECT, INSERT"),
        *business_table(
            "connections_credential", "SELECT, INSERT, UPDATE (sealed, key_id)", staff=WITHOUT
        ),
        owned_reference("connections_credential", "connection_id", "connections_connection"),
        refuse_unsealed("connections_credential", "sealed", "key_id"),
    ]
