from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import domain.shared.ids
from adapters.persistence.operations import (
    business_table,
    grant,
    grant_more,
    owned_reference,
    refuse_unsealed,
    show_for_proof,
    show_to_owner,
)
from adapters.persistence.roles import Role

_ENTERING, _, _ENTERING_BACK = (
    (Path(__file__).parent / "entering.sql").read_text().partition("-- Back\n")
)
_USER = "email, password_hash, verified_at, security_stamp, erase_after"
_SESSION = "token_digest, token_expires_at, proved_at"

# Whoever is there was let in without a proof of their address, and stays. No row is touched.
_ALL_ARE_VERIFIED = """
ALTER TABLE identity_user ADD verified_at timestamptz NULL DEFAULT now();
ALTER TABLE identity_user ALTER verified_at DROP DEFAULT
"""


def _since_now(model: str, field: str) -> migrations.AddField:
    """Add a time to rows that are there: they are from before, and all end here."""
    return migrations.AddField(
        model,
        field,
        models.DateTimeField(default=django.utils.timezone.now),
        preserve_default=False,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(_ALL_ARE_VERIFIED, "ALTER TABLE identity_user DROP verified_at")],
            [migrations.AddField("usermodel", "verified_at", models.DateTimeField(null=True))],
        ),
        migrations.AddField(
            "usermodel", "security_stamp", models.IntegerField(default=1), preserve_default=False
        ),
        migrations.AddField("usermodel", "erase_after", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "usermodel",
            models.Index(
                fields=["erase_after"],
                name="identity_user_erase",
                condition=models.Q(erase_after__isnull=False),
            ),
        ),
        # Stamp 0 is nobody's: sessions of before are over.
        migrations.AddField(
            "sessionmodel", "security_stamp", models.IntegerField(default=0), preserve_default=False
        ),
        _since_now("sessionmodel", "token_expires_at"),
        _since_now("sessionmodel", "proved_at"),
        migrations.AddField(
            "sessionmodel",
            "user_agent",
            models.CharField(blank=True, max_length=256, default=""),
            preserve_default=False,
        ),
        migrations.AddField("sessionmodel", "ip_address", models.GenericIPAddressField(null=True)),
        migrations.AddConstraint(
            "sessionmodel",
            models.UniqueConstraint(fields=["id", "user"], name="identity_session_owner"),
        ),
        migrations.CreateModel(
            name="RefreshTokenModel",
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refresh_tokens",
                        to="identity.sessionmodel",
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "refresh token",
                "db_table": "identity_refresh_token",
                "constraints": [
                    models.UniqueConstraint(fields=["digest"], name="identity_refresh_token_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="MailedTokenModel",
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
                ("purpose", models.CharField(max_length=16)),
                ("email", models.CharField(max_length=254)),
                ("digest", models.BinaryField(max_length=32)),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "mailed token",
                "db_table": "identity_mailed_token",
                "constraints": [
                    models.UniqueConstraint(fields=["digest"], name="identity_mailed_token_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="SecondFactorModel",
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("key_id", models.CharField(max_length=63)),
                ("enrolled_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "second factor",
                "db_table": "identity_second_factor",
                "constraints": [
                    models.UniqueConstraint(fields=["user"], name="identity_second_factor_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCodeModel",
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "recovery code",
                "db_table": "identity_recovery_code",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["user", "digest"], name="identity_recovery_code_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiTokenModel",
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
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
            ],
            options={
                "verbose_name": "API token",
                "db_table": "identity_api_token",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["token_digest"], name="identity_api_token_token_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageModel",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.usermodel",
                    ),
                ),
                ("used_at", models.DateTimeField()),
                ("ip_address", models.GenericIPAddressField(null=True)),
            ],
            options={
                "verbose_name": "usage",
                "db_table": "identity_usage",
            },
        ),
        grant_more("identity_user", Role.APPLICATION, "UPDATE", _USER),
        grant_more("identity_session", Role.APPLICATION, "UPDATE", _SESSION),
        *business_table("identity_refresh_token", "SELECT, INSERT, UPDATE (used_at)"),
        owned_reference("identity_refresh_token", "session_id", "identity_session"),
        show_for_proof("identity_refresh_token", "digest", "bytea", "token"),
        *business_table("identity_mailed_token", "SELECT, INSERT, UPDATE (used_at)"),
        show_for_proof("identity_mailed_token", "digest", "bytea", "token"),
        *business_table(
            "identity_second_factor",
            "SELECT, INSERT, DELETE, UPDATE (sealed, key_id, confirmed_at, last_step)",
            staff="SELECT (id, created_at, updated_at, user_id, key_id, enrolled_at, confirmed_at)",
        ),
        refuse_unsealed("identity_second_factor", "sealed", "key_id"),
        *business_table(
            "identity_recovery_code",
            "SELECT, INSERT, DELETE, UPDATE (used_at)",
            staff="SELECT (id, created_at, updated_at, user_id, used_at)",
        ),
        *business_table("identity_api_token", "SELECT, INSERT, UPDATE (revoked_at)"),
        show_for_proof("identity_api_token", "token_digest", "bytea", "token"),
        show_to_owner("identity_usage"),
        grant("identity_usage", Role.APPLICATION, "SELECT, INSERT, UPDATE, DELETE"),
        grant("identity_usage", Role.STAFF, "SELECT"),
        migrations.RunSQL(_ENTERING, _ENTERING_BACK),
    ]
