"""Accounts, and the names that institutions have for them."""

from django.db import models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.connections.models import ConnectionModel
from adapters.persistence.ledger.models.owned import FeedPosition, OwnedModel


class AccountModel(OwnedModel):
    """An account at an institution."""

    connection = OwnedForeignKey(ConnectionModel, related_name="accounts")
    kind = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    institution = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=255)
    added_at = models.DateTimeField()
    feed_position = models.BigIntegerField(db_default=FeedPosition())

    class Meta:
        db_table = "ledger_account"
        verbose_name = "account"
        indexes = [
            models.Index(fields=["user", "connection"], name="ledger_account_connection"),
            models.Index(fields=["user", "feed_position", "id"], name="ledger_account_feed"),
        ]


class AccountAliasModel(OwnedModel):
    """A name that an institution has for an account; linking anew adds a name, not an account."""

    account = OwnedForeignKey(AccountModel, related_name="aliases")
    institution = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)

    class Meta:
        db_table = "ledger_account_alias"
        verbose_name = "account alias"
        verbose_name_plural = "account aliases"
        indexes = [
            models.Index(fields=["user", "account"], name="ledger_account_alias_account"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "institution", "number", "currency"],
                name="ledger_account_alias_unique",
            ),
        ]
