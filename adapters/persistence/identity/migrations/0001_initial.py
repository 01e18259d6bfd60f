from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.operations import (
    business_table,
    erase_when_due,
    grant,
    key_by_owner,
    owned_reference,
    owner,
    refuse_unsealed,
    row_columns,
    show_by_value,
    show_to_owner,
)
from adapters.persistence.roles import Role

_ENTERING, _, _ENTERING_BACK = (
    Path(__file__).with_name("entering.sql").read_text().partition("-- Back\n")
)
_USER = "email, password_hash, verified_at, security_stamp, erase_after, wanted_email, former_email"
_SESSION = "token_digest, token_expires_at, authenticated_at, security_stamp, ended_at"
_FACTOR = "SELECT (id, created_at, updated_at, user_id, key_id, enrolled_at, confirmed_at)"
_CODE = "SELECT (id, created_at, updated_at, user_id, used_at)"
# What is past its time, of those who stay too: see `adapters/persistence/personal_data.py`.
_OVER = "least(ended_at, expires_at) < now() - interval '30 days'"
_EXPIRED = "expires_at < now()"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="UserModel",
            fields=[
                *row_columns(),
                ("email", models.CharField(max_length=254)),
                ("password_hash", models.CharField(max_length=255)),
                ("registered_at", models.DateTimeField()),
                ("verified_at", models.DateTimeField(null=True)),
                ("security_stamp", models.IntegerField()),
                ("erase_after", models.DateTimeField(null=True)),
                ("wanted_email", models.CharField(max_length=254, null=True)),
                ("former_email", models.CharField(max_length=254, null=True)),
            ],
            options={
                "verbose_name": "user",
                "db_table": "identity_user",
                "indexes": [
                    models.Index(
                        condition=models.Q(("erase_after__isnull", False)),
                        fields=["erase_after"],
                        name="identity_user_erase",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("email",), name="identity_user_email_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageModel",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("used_at", models.DateTimeField()),
                ("ip_address", models.GenericIPAddressField(null=True)),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "usage",
                "db_table": "identity_usage",
            },
        ),
        migrations.CreateModel(
            name="SessionModel",
            fields=[
                *row_columns(),
                ("token_digest", models.BinaryField(max_length=32)),
                ("token_expires_at", models.DateTimeField()),
                ("security_stamp", models.IntegerField()),
                ("opened_at", models.DateTimeField()),
                ("authenticated_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("user_agent", models.CharField(blank=True, max_length=256)),
                ("ip_address", models.GenericIPAddressField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("user", owner(related_name="sessions")),
            ],
            options={
                "verbose_name": "session",
                "db_table": "identity_session",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("token_digest",), name="identity_session_token_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SecondFactorModel",
            fields=[
                *row_columns(),
                ("sealed", models.BinaryField()),
                ("key_id", models.CharField(max_length=63)),
                ("enrolled_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField()),
                ("user", owner()),
            ],
            options={
                "verbose_name": "second factor",
                "db_table": "identity_second_factor",
                "constraints": [
                    models.UniqueConstraint(fields=("user",), name="identity_second_factor_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefreshTokenModel",
            fields=[
                *row_columns(),
                ("digest", models.BinaryField(max_length=32)),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "session",
                    OwnedForeignKey("identity.sessionmodel", related_name="refresh_tokens"),
                ),
                ("user", owner()),
            ],
            options={
                "verbose_name": "refresh token",
                "db_table": "identity_refresh_token",
                "indexes": [
                    models.Index(fields=["user", "session"], name="identity_refresh_token_session"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("digest",), name="identity_refresh_token_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCodeModel",
            fields=[
                *row_columns(),
                ("digest", models.BinaryField(max_length=32)),
                ("used_at", models.DateTimeField(null=True)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "recovery code",
                "db_table": "identity_recovery_code",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "digest"), name="identity_recovery_code_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MailedTokenModel",
            fields=[
                *row_columns(),
                ("purpose", models.CharField(max_length=16)),
                ("email", models.CharField(max_length=254)),
                ("digest", models.BinaryField(max_length=32)),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "mailed token",
                "db_table": "identity_mailed_token",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("digest",), name="identity_mailed_token_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiTokenModel",
            fields=[
                *row_columns(),
                ("name", models.CharField(max_length=100)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=32), size=None
                    ),
                ),
                ("token_digest", models.BinaryField(max_length=32)),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "API token",
                "db_table": "identity_api_token",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("token_digest",), name="identity_api_token_token_unique"
                    ),
                ],
            },
        ),
        *business_table("identity_user", f"SELECT, INSERT, UPDATE ({_USER})", owner="id"),
        show_by_value("identity_user", "email", "text", "email"),
        *business_table("identity_session", f"SELECT, INSERT, UPDATE ({_SESSION})"),
        show_by_value("identity_session", "token_digest", "bytea", "token"),
        *business_table("identity_refresh_token", "SELECT, INSERT, UPDATE (used_at)"),
        owned_reference("identity_refresh_token", "session_id", "identity_session"),
        show_by_value("identity_refresh_token", "digest", "bytea", "token"),
        *business_table("identity_mailed_token", "SELECT, INSERT, UPDATE (used_at)"),
        show_by_value("identity_mailed_token", "digest", "bytea", "token"),
        *business_table(
            "identity_second_factor",
            "SELECT, INSERT, DELETE, UPDATE (sealed, key_id, confirmed_at, last_step)",
            staff=_FACTOR,
        ),
        refuse_unsealed("identity_second_factor", "sealed", "key_id"),
        *business_table(
            "identity_recovery_code", "SELECT, INSERT, DELETE, UPDATE (used_at)", staff=_CODE
        ),
        *business_table("identity_api_token", "SELECT, INSERT, UPDATE (revoked_at)"),
        show_by_value("identity_api_token", "token_digest", "bytea", "token"),
        key_by_owner("identity_usage"),
        show_to_owner("identity_usage"),
        grant("identity_usage", Role.APPLICATION, "SELECT, INSERT, UPDATE, DELETE"),
        grant("identity_usage", Role.STAFF, "SELECT"),
        migrations.RunSQL(_ENTERING, _ENTERING_BACK),
        erase_when_due("identity_user", owner="id"),
        erase_when_due("identity_session", or_when=_OVER),
        erase_when_due("identity_refresh_token", or_when=_EXPIRED),
        erase_when_due("identity_mailed_token", or_when=_EXPIRED),
        erase_when_due("identity_api_token"),
    ]
