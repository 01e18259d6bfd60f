import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import domain.shared.ids
from adapters.persistence.operations import business_table, show_for_proof


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="UserModel",
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
                ("email", models.CharField(max_length=254)),
                ("password_hash", models.CharField(max_length=255)),
                ("registered_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "user",
                "db_table": "identity_user",
                "constraints": [
                    models.UniqueConstraint(fields=("email",), name="identity_user_email_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="SessionModel",
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
                ("token_digest", models.BinaryField(max_length=32)),
                ("opened_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="identity.usermodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "db_table": "identity_session",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("token_digest",), name="identity_session_token_unique"
                    )
                ],
            },
        ),
        *business_table("identity_user", "SELECT, INSERT", owner="id"),
        show_for_proof("identity_user", "email", "text", "email"),
        *business_table("identity_session", "SELECT, INSERT, UPDATE (ended_at)"),
        show_for_proof("identity_session", "token_digest", "bytea", "token"),
    ]
