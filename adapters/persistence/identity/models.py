"""Tables of identity."""

from django.db import models

from adapters.persistence.base import BusinessModel


class UserModel(BusinessModel):
    """A customer."""

    email = models.CharField(max_length=254)
    password_hash = models.CharField(max_length=255)
    registered_at = models.DateTimeField()

    class Meta:
        db_table = "identity_user"
        verbose_name = "user"
        constraints = [models.UniqueConstraint(fields=["email"], name="identity_user_email_unique")]


class SessionModel(BusinessModel):
    """A session; of its token only the SHA-256 is kept."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, related_name="sessions")
    token_digest = models.BinaryField(max_length=32)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_session"
        verbose_name = "session"
        constraints = [
            models.UniqueConstraint(fields=["token_digest"], name="identity_session_token_unique")
        ]
