"""Tables of sharing."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adapters.persistence.base import BusinessModel
from adapters.persistence.identity.models import UserModel


class ConnectedAppModel(BusinessModel):
    """A program that reads a user's accounts: those that are listed, or all that are shown.

    The ids refer to nothing: an account that is gone is simply not shared any more.
    """

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=100)
    account_ids = ArrayField(models.UUIDField(), null=True)
    added_at = models.DateTimeField()
    setup_digest = models.BinaryField(max_length=32, null=True)
    setup_expires_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    access_digest = models.BinaryField(max_length=32, null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sharing_connected_app"
        verbose_name = "connected app"
        constraints = [
            models.UniqueConstraint(
                fields=["setup_digest"], name="sharing_connected_app_setup_unique"
            ),
            models.UniqueConstraint(
                fields=["access_digest"], name="sharing_connected_app_access_unique"
            ),
        ]
