"""Tables of identity."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adapters.persistence.base import BusinessModel, OwnedForeignKey


class UserModel(BusinessModel):
    """A customer."""

    email = models.CharField(max_length=254)
    password_hash = models.CharField(max_length=255)
    registered_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    security_stamp = models.IntegerField()
    erase_after = models.DateTimeField(null=True)
    wanted_email = models.CharField(max_length=254, null=True)
    former_email = models.CharField(max_length=254, null=True)

    class Meta:
        db_table = "identity_user"
        verbose_name = "user"
        constraints = [models.UniqueConstraint(fields=["email"], name="identity_user_email_unique")]
        indexes = [
            models.Index(
                fields=["erase_after"],
                name="identity_user_erase",
                condition=models.Q(erase_after__isnull=False),
            )
        ]


class SessionModel(BusinessModel):
    """A session. Only the SHA-256 of its access token is stored."""

    user = models.ForeignKey(
        UserModel, on_delete=models.CASCADE, db_index=False, related_name="sessions"
    )
    token_digest = models.BinaryField(max_length=32)
    token_expires_at = models.DateTimeField()
    security_stamp = models.IntegerField()
    opened_at = models.DateTimeField()
    authenticated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    user_agent = models.CharField(max_length=256, blank=True)
    ip_address = models.GenericIPAddressField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_session"
        verbose_name = "session"
        constraints = [
            models.UniqueConstraint(fields=["token_digest"], name="identity_session_token_unique"),
        ]


class RefreshTokenModel(BusinessModel):
    """The SHA-256 of a refresh token, used or not."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    session = OwnedForeignKey(SessionModel, related_name="refresh_tokens")
    digest = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_refresh_token"
        verbose_name = "refresh token"
        indexes = [
            models.Index(fields=["user", "session"], name="identity_refresh_token_session"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="identity_refresh_token_unique")
        ]


class MailedTokenModel(BusinessModel):
    """The SHA-256 of a token that was sent by email, and the address it was sent to."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    purpose = models.CharField(max_length=16)
    email = models.CharField(max_length=254)
    digest = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_mailed_token"
        verbose_name = "mailed token"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="identity_mailed_token_unique")
        ]


class SecondFactorModel(BusinessModel):
    """The encrypted secret of one-time codes. `key_id` is the key that wraps its key."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=63)
    enrolled_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField()

    class Meta:
        db_table = "identity_second_factor"
        verbose_name = "second factor"
        constraints = [
            models.UniqueConstraint(fields=["user"], name="identity_second_factor_unique")
        ]


class RecoveryCodeModel(BusinessModel):
    """The SHA-256 of a recovery code, which replaces the second factor once."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    digest = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_recovery_code"
        verbose_name = "recovery code"
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="identity_recovery_code_unique")
        ]


class ApiTokenModel(BusinessModel):
    """An API token, of which only the SHA-256 is stored."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=32))
    token_digest = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_api_token"
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(fields=["token_digest"], name="identity_api_token_token_unique")
        ]


class UsageModel(models.Model):
    """When a session or an API token was last used, to the minute, without an audit entry."""

    # The id of the session or the API token.
    id = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(
        UserModel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    used_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        db_table = "identity_usage"
        verbose_name = "usage"

    def __str__(self) -> str:
        return str(self.id)
