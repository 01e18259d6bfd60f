"""Tables of connections."""

from django.db import models

from adapters.persistence.base import BusinessModel, OwnedForeignKey
from adapters.persistence.identity.models import UserModel


class ConnectionModel(BusinessModel):
    """A user's connection to an institution."""

    user = models.ForeignKey(
        UserModel, on_delete=models.CASCADE, db_index=False, related_name="connections"
    )
    provider = models.CharField(max_length=64)
    institution = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16)
    established_at = models.DateTimeField()

    class Meta:
        db_table = "connections_connection"
        verbose_name = "connection"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "provider", "institution"], name="connections_connection_unique"
            ),
        ]


class CredentialModel(BusinessModel):
    """The encrypted credentials of a connection. `key_id` is the key that wraps their key."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    connection = OwnedForeignKey(ConnectionModel, related_name="credentials")
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=63)

    class Meta:
        db_table = "connections_credential"
        verbose_name = "credential"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "connection"], name="connections_credential_unique"
            ),
        ]
